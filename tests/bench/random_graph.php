<?php
/* The workloads of random_graph.c: three declared properties, two of them links. */
class Node
{
    public $a;
    public $b;
    public $number = 0;
}

/* xorshift64; PHP's integers are signed, so the shift to the right is masked. */
function next_random(): int
{
    static $state = 88172645463325252;
    $state ^= $state << 13;
    $state ^= ($state >> 7) & 0x01ffffffffffffff;
    $state ^= $state << 17;
    return $state & 0x7fffffffffffffff;
}

[, $kind, $count] = $argv;
$count = (int) $count;
gc_disable();
ini_set('memory_limit', '-1');
$nodes = [];
for ($i = 0; $i < $count; $i++) {
    $nodes[] = new Node();
}
for ($i = 0; $i < $count; $i++) {
    $nodes[$i]->a = $nodes[next_random() % $count];
    $nodes[$i]->b = $nodes[next_random() % $count];
}
if ($kind === 'dead') {
    $nodes = null;
} else {
    for ($i = 0; $i < $count; $i++) {
        $node = $nodes[$i];
        unset($node);
    }
}
$began = hrtime(true);
$freed = gc_collect_cycles();
$taken = hrtime(true) - $began;
fprintf(STDERR, "%s %d: %d freed\n", $kind, $count, $freed);
printf("%.2f\n", $taken / $count);
