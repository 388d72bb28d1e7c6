<?php
/* Section B: programs that make graphs and documents. */

function random_distance(): ?int
{
    $bits = next_random();
    $sum = 0;
    for ($i = 0; $i < 12; $i++) {
        $sum += $bits >> (5 * $i) & 31;
    }
    return next_random() % 3 < 2 ? intdiv($sum * 100, 32) - 581 : null;
}

function gauss_distances(): array
{
    $distances = [];
    for ($i = 0; $i < 65536; $i++) {
        $distances[] = random_distance();
    }
    return $distances;
}

function ggauss(int $size, array $distances): array
{
    $batches = intdiv($size + 4999, 5000);
    $next = 0;
    $linked = 0;
    for ($batch = 0; $batch < $batches; $batch++) {
        $nodes = [];
        for ($i = 0; $i < 5000; $i++) {
            $nodes[] = new Node();
        }
        for ($i = 0; $i < 5000; $i++) {
            $distance = $distances[$next++ & 65535];
            if ($distance !== null && $i + $distance >= 0 && $i + $distance < 5000) {
                $nodes[$i]->a = $nodes[$i + $distance];
                $linked++;
            }
            $distance = $distances[$next++ & 65535];
            if ($distance !== null && $i + $distance >= 0 && $i + $distance < 5000) {
                $nodes[$i]->b = $nodes[$i + $distance];
                $linked++;
            }
        }
        $nodes = null;
    }
    return [$batches * 5000, $linked];
}

class Element
{
    public $parent;
    public $first;
    public $next;
    public $previous;
    public $number = 0;
}

function make_elements(int &$made, int $depth): Element
{
    $element = new Element();
    $element->number = $made++;
    $previous = null;
    for ($i = 0; $depth > 0 && $i < 8; $i++) {
        $child = make_elements($made, $depth - 1);
        $child->parent = $element;
        if ($previous === null) {
            $element->first = $child;
        } else {
            $child->previous = $previous;
            $previous->next = $child;
        }
        $previous = $child;
    }
    return $element;
}

function replace(Element $old, Element $fresh): void
{
    $fresh->parent = $old->parent;
    $fresh->next = $old->next;
    $fresh->previous = $old->previous;
    $old->parent = null;
    $old->next = null;
    $old->previous = null;
    if ($fresh->next !== null) {
        $fresh->next->previous = $fresh;
    }
    if ($fresh->previous !== null) {
        $fresh->previous->next = $fresh;
    } else {
        $fresh->parent->first = $fresh;
    }
}

function dom(array $paths): array
{
    $made = 0;
    $document = make_elements($made, 6);
    foreach ($paths as $path) {
        $element = $document;
        for ($depth = 0; $depth < 3; $depth++) {
            $element = $element->first;
            for ($place = $path % 8; $place > 0; $place--) {
                $element = $element->next;
            }
            $path >>= 3;
        }
        replace($element, make_elements($made, 3));
    }
    return [$made, $made];
}
