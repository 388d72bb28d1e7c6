<?php
/* Section A: the time of one collection. The collector is off while the graph is built. */

/* Of objects: a write through an element of an array that is shared would copy the array. */
function both_ways(Node $left, Node $right): void
{
    $left->a = $right;
    $right->b = $left;
}

function connect(string $shape, array $nodes): void
{
    $count = count($nodes);
    switch ($shape) {
        case 'self':
            for ($i = 0; $i < $count; $i++) {
                $node = $nodes[$i];
                $node->a = $node;
            }
            break;
        case 'list':
            for ($i = 1; $i < $count; $i++) {
                both_ways($nodes[$i - 1], $nodes[$i]);
            }
            break;
        case 'shuffled':
            $order = range(0, $count - 1);
            for ($i = $count - 1; $i > 1; $i--) {
                $other = 1 + next_random() % $i;
                [$order[$i], $order[$other]] = [$order[$other], $order[$i]];
            }
            for ($i = 1; $i < $count; $i++) {
                both_ways($nodes[$order[$i - 1]], $nodes[$order[$i]]);
            }
            break;
        case 'random':
        case 'strings':
            for ($i = 0; $i < $count; $i++) {
                $node = $nodes[$i];
                $node->a = $nodes[next_random() % $count];
                $node->b = $nodes[next_random() % $count];
            }
            break;
        case 'tree':
            for ($i = 1; $i < $count; $i++) {
                $parent = $nodes[($i - 1) >> 1];
                if ($i & 1) {
                    $parent->a = $nodes[$i];
                } else {
                    $parent->b = $nodes[$i];
                }
                $node = $nodes[$i];
                $node->number = $parent;
            }
            break;
        case 'rings21':
            for ($first = 0; $first < $count; $first += 21) {
                $size = min(21, $count - $first);
                for ($i = 0; $i < $size; $i++) {
                    both_ways($nodes[$first + $i], $nodes[$first + ($i + 1) % $size]);
                }
            }
            break;
    }
}

function new_nodes(int $count, bool $texts = false): array
{
    $nodes = [];
    for ($i = 0; $i < $count; $i++) {
        $node = new Node();
        if ($texts) {
            $node->number = sprintf('%032d', $i);
        }
        $nodes[] = $node;
    }
    return $nodes;
}

function collect(float $nodes, int $times, mixed &$touched): void
{
    $elapsed = 0;
    $freed = 0;
    for ($i = 0; $i < $times; $i++) {
        $copy = $touched;
        unset($copy);
        $began = now();
        $freed += gc_collect_cycles();
        $elapsed += now() - $began;
    }
    report($elapsed, $nodes * $times, $freed);
}

function collection(string $workload, int $size): void
{
    gc_disable();
    [$shape, $state] = array_pad(explode('-', $workload), 2, 'dead');
    $nothing = null;
    switch ($shape) {
        case 'hub':
            $hub = new Node();
            $hub->a = new_nodes($size);
            collect($size, 5, $hub);
            return;
        case 'ints':
            $array = [];
            for ($i = 0; $i < $size; $i++) {
                $array[] = $i;
            }
            collect($size, 5, $array);
            return;
        case 'nested':
            for ($lists = 1; $lists * ($lists - 1) / 2 < $size;) {
                $lists++;
            }
            $list = [];
            for ($n = 1; $n < $lists; $n++) {
                $outer = [];
                for ($i = 0; $i < $n; $i++) {
                    $outer[] = $list;
                }
                $list = $outer;
            }
            unset($outer);
            collect($lists * ($lists - 1) / 2, 5, $list);
            return;
    }
    $nodes = new_nodes($size, $shape === 'strings');
    connect($shape, $nodes);
    if ($state === 'dead') {
        $nodes = null;
    } elseif ($shape === 'random') {
        for ($i = 0; $i < $size; $i++) {
            $node = $nodes[$i];
            unset($node);
        }
    } else {
        $first = $nodes[0];
        $nodes = null;
    }
    collect($size, 1, $nothing);
}
