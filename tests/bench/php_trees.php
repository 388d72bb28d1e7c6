<?php
/* Section B: programs that make trees. */

class Twig
{
    public $left;
    public $right;
}

function grow_twigs(int $depth): Twig
{
    $twig = new Twig();
    if ($depth > 0) {
        $twig->left = grow_twigs($depth - 1);
        $twig->right = grow_twigs($depth - 1);
    }
    return $twig;
}

function count_twigs(Twig $twig): int
{
    return $twig->left === null ? 1 : 1 + count_twigs($twig->left) + count_twigs($twig->right);
}

function binary_trees(int $most): array
{
    $sum = count_twigs(grow_twigs($most + 1));
    $long_lived = grow_twigs($most);
    for ($depth = 4; $depth <= $most; $depth += 2) {
        $times = 1 << ($most - $depth + 4);
        for ($i = 0; $i < $times; $i++) {
            $sum += count_twigs(grow_twigs($depth));
        }
    }
    $sum += count_twigs($long_lived);
    return [$sum, $sum];
}

class Branch
{
    public $left;
    public $right;
    public $i = 0;
    public $j = 0;
}

class Child extends Branch
{
    public $parent;
}

function bottom_up(int $depth, string $class): Branch
{
    if ($depth === 0) {
        return new $class();
    }
    $left = bottom_up($depth - 1, $class);
    $right = bottom_up($depth - 1, $class);
    $branch = new $class();
    $branch->left = $left;
    $branch->right = $right;
    if ($class === 'Child') {
        $left->parent = $branch;
        $right->parent = $branch;
    }
    return $branch;
}

function populate(int $depth, Branch $branch, string $class): void
{
    if ($depth === 0) {
        return;
    }
    $branch->left = new $class();
    $branch->right = new $class();
    if ($class === 'Child') {
        $branch->left->parent = $branch;
        $branch->right->parent = $branch;
    }
    populate($depth - 1, $branch->left, $class);
    populate($depth - 1, $branch->right, $class);
}

function top_down(int $depth, string $class): Branch
{
    $branch = new $class();
    populate($depth, $branch, $class);
    return $branch;
}

function tree_nodes(int $depth): int
{
    return (1 << ($depth + 1)) - 1;
}

function gcbench(int $stretch, string $class): array
{
    $deepest = $stretch - 2;
    bottom_up($stretch, $class);
    $long_lived = top_down($deepest, $class);
    $array = array_fill(0, 500000, 0.0);
    for ($i = 1; $i < 250000; $i++) {
        $array[$i] = 1.0 / $i;
    }
    $made = tree_nodes($stretch) + tree_nodes($deepest);
    for ($depth = 4; $depth <= $deepest; $depth += 2) {
        $times = intdiv(2 * tree_nodes($stretch), tree_nodes($depth));
        for ($i = 0; $i < $times; $i++) {
            top_down($depth, $class);
        }
        for ($i = 0; $i < $times; $i++) {
            bottom_up($depth, $class);
        }
        $made += 2 * $times * tree_nodes($depth);
    }
    return [$made, $made];
}
