<?php
/* The workloads in PHP: php -n -d memory_limit=-1 bench_php.php WORKLOAD SIZE */

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

/* Processor time in nanoseconds: what else runs on the machine meanwhile is not counted. */
function now(): int
{
    $usage = getrusage();
    $seconds = $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'];
    return 1000 * (1000000 * $seconds + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']);
}

function report(float $elapsed, float $nodes, int $count): void
{
    fprintf(STDERR, "count %d\n", $count);
    printf("%.6g\n", $elapsed / $nodes);
}

require 'php_collections.php';
require 'php_programs.php';
require 'php_trees.php';
require 'php_graphs.php';
require 'php_growth.php';

/* ---- section D ---------------------------------------------------------------- */

function bytes(int $size, bool $from_system): void
{
    gc_disable();
    $nodes = array_fill(0, $size, null);
    $before = memory_get_usage($from_system);
    for ($i = 0; $i < $size; $i++) {
        $nodes[$i] = new Node();
    }
    printf("%.6g\n", (memory_get_usage($from_system) - $before) / $size);
}

function first(): array
{
    $node = new Node();
    $node->a = $node;
    unset($node);
    return [1, gc_collect_cycles()];
}

/* ---- the table ------------------------------------------------------------------ */

/* What a workload needs before its time begins; then its work, as a function. */
function program(string $workload, int $size): ?callable
{
    switch ($workload) {
        case 'churn-1':
        case 'churn-10':
        case 'churn-100':
            return fn () => churn($size, (int) substr($workload, 6));
        case 'closures':
            return fn () => closures($size);
        case 'composer':
        case 'composer-off':
            $packages = build_packages($size);
            if ($workload === 'composer-off') {
                gc_disable();
            }
            return fn () => composer($packages);
        case 'lru':
            $universe = $size + intdiv($size, 9);
            $keys = [];
            for ($i = 0; $i < 3 * $size; $i++) {
                $keys[] = next_random() % $universe;
            }
            return fn () => lru($size, $keys, $universe);
        case 'binary-trees':
            return fn () => binary_trees($size);
        case 'gcbench':
            return fn () => gcbench($size, 'Branch');
        case 'gcbench-parents':
            return fn () => gcbench($size, 'Child');
        case 'ggauss':
            $distances = gauss_distances();
            return fn () => ggauss($size, $distances);
        case 'dom':
            $paths = [];
            for ($i = 0; $i < 5 * $size; $i++) {
                $paths[] = next_random() % 512;
            }
            return fn () => dom($paths);
        case 'first':
            return fn () => first();
    }
    return null;
}

[, $workload, $size] = $argv;
$size = (int) $size;
if ($workload === 'bytes' || $workload === 'bytes-system') {
    bytes($size, $workload === 'bytes-system');
} elseif ($workload === 'fork') {
    fork_bytes($size);
} elseif (str_starts_with($workload, 'release-')) {
    release(substr($workload, 8), $size);
} elseif ($work = program($workload, $size) ?? growth_program($workload, $size)) {
    $began = now();
    [$nodes, $count] = $work();
    report(now() - $began, $nodes, $count);
} else {
    collection($workload, $size);
}
