<?php
/* Section B: whole programs. Trees are in php_trees.php, graphs in php_graphs.php. */

function churn(int $size, int $ring): array
{
    $sum = 0;
    for ($made = 0; $made < $size; $made += $ring) {
        $first = new Node();
        $last = $first;
        for ($i = 1; $i < $ring; $i++) {
            $last->a = new Node();
            $last = $last->a;
            $last->number = $i;
        }
        $last->a = $first;
        $sum += $last->number;
    }
    return [$size, $sum];
}

class Environment
{
    public $function;
    public $captured;
}

function closures(int $size): array
{
    $sum = 0;
    for ($i = 0; $i < $size; $i++) {
        $environment = new Environment();
        $environment->captured = $i;
        $function = static function () use ($environment) {
            return $environment->captured;
        };
        $environment->function = $function;
        $sum += $function();
    }
    return [$size, $sum];
}

class Package
{
    public $w;
    public $x;
    public $y;
    public $z;
    public $number = 0;
}

function build_packages(int $size): array
{
    $packages = [];
    for ($i = 0; $i < $size; $i++) {
        $packages[$i] = new Package();
        $packages[$i]->number = $i;
    }
    for ($i = 0; $i < $size; $i++) {
        $packages[$i]->w = $packages[next_random() % $size];
        $packages[$i]->x = $packages[next_random() % $size];
        $packages[$i]->y = $packages[next_random() % $size];
        $packages[$i]->z = $packages[next_random() % $size];
    }
    return $packages;
}

function composer(array $packages): array
{
    $sum = 0;
    $size = count($packages);
    for ($round = 0; $round < 100; $round++) {
        for ($i = 0; $i < $size; $i++) {
            $package = $packages[$i];
            $sum += $package->number;
            $package = null;
        }
    }
    return [$size * 100, $sum];
}

class Entry
{
    public $newer;
    public $older;
    public $key = 0;
}

function unlink_entry(Entry $entry): void
{
    $newer = $entry->newer;
    $older = $entry->older;
    $entry->newer = null;
    $entry->older = null;
    $newer->older = $older;
    $older->newer = $newer;
}

function link_newest(Entry $ends, Entry $entry): void
{
    $second = $ends->older;
    $entry->newer = $ends;
    $entry->older = $second;
    $ends->older = $entry;
    $second->newer = $entry;
}

function lru(int $size, array $keys, int $universe): array
{
    $by_key = array_fill(0, $universe, null);
    $ends = new Entry();
    $ends->newer = $ends;
    $ends->older = $ends;
    $used = 0;
    $hits = 0;
    foreach ($keys as $key) {
        $entry = $by_key[$key];
        if ($entry !== null) {
            unlink_entry($entry);
            link_newest($ends, $entry);
            $hits++;
            continue;
        }
        if ($used === $size) {
            $oldest = $ends->newer;
            $by_key[$oldest->key] = null;
            unlink_entry($oldest);
            $used--;
        }
        $entry = new Entry();
        $entry->key = $key;
        link_newest($ends, $entry);
        $by_key[$key] = $entry;
        $used++;
    }
    return [count($keys), $hits];
}
