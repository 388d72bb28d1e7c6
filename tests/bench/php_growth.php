<?php
/* Section C: what it costs that a large live structure stands by. */

const STEPS = 1000000;
const TIMED_BATCHES = 100;
const PAUSE = 100000;

/* Every step timed as bench_steps.c does it; see there. */
final class Steps
{
    private array $pauses = [];
    private int $steps = 0;
    private int $began;
    private int $wall;
    private int $processor;

    public function begin(): void
    {
        $this->wall = hrtime(true);
        $this->processor = now();
        $this->began = hrtime(true);
    }

    private function lost(): int
    {
        $wall = hrtime(true);
        $processor = now();
        $lost = $wall - $this->wall - ($processor - $this->processor);
        $this->wall = $wall;
        $this->processor = $processor;
        return max($lost, 0);
    }

    public function end(): void
    {
        $now = hrtime(true);
        $step = $now - $this->began;
        $this->began = $now;
        $this->steps++;
        if ($step >= PAUSE) {
            $step -= $this->lost();
            if ($step >= PAUSE) {
                $this->pauses[] = $step;
            }
            $this->began = hrtime(true);
        } elseif ($this->steps % 1024 === 0) {
            $this->lost();
            $this->began = hrtime(true);
        }
    }

    public function report(): void
    {
        preg_match('/^VmHWM:\s*(\d+)/m', file_get_contents('/proc/self/status'), $peak);
        fprintf(STDERR, "steps %d\npeak %d\n", $this->steps, $peak[1]);
        foreach ($this->pauses as $pause) {
            fprintf(STDERR, "pause %d\n", $pause);
        }
    }
}

/* ---- the live list ---------------------------------------------------------------- */

/* Each node is a step, if there are steps to be timed. */
function live_list(int $size, ?Steps $steps = null): ?Node
{
    $head = null;
    $last = null;
    for ($i = 0; $i < $size; $i++) {
        $node = new Node();
        $node->number = 1;
        if ($last === null) {
            $head = $node;
        } else {
            $node->b = $last;
            $last->a = $node;
        }
        $last = $node;
        $steps?->end();
    }
    return $head;
}

/* Collected once, so that no later run has to look at it for the first time. */
function settled_list(int $size): ?Node
{
    gc_disable();
    $head = live_list($size);
    gc_enable();
    gc_collect_cycles();
    return $head;
}

/* A possible root now, if it is one at all. */
function touch_head(?Node $head): int
{
    return $head === null ? 0 : $head->number;
}

/* ---- the workloads ------------------------------------------------------------------ */

function beside(?Node $head): array
{
    $sum = 0;
    for ($i = 0; $i < STEPS; $i++) {
        $node = new Node();
        $node->a = $node;
        $node = null;
        $sum += touch_head($head);
    }
    return [STEPS, $sum];
}

function pauses_beside(?Node $head): array
{
    $sum = 0;
    $steps = new Steps();
    $steps->begin();
    for ($i = 0; $i < STEPS; $i++) {
        $node = new Node();
        $node->a = $node;
        $node = null;
        $sum += touch_head($head);
        $steps->end();
    }
    $steps->report();
    return [STEPS, $sum];
}

function build(int $size): array
{
    live_list($size);
    return [$size, $size];
}

function pauses_build(int $size): array
{
    $steps = new Steps();
    $steps->begin();
    $head = live_list($size, $steps);
    $steps->report();
    return [$size, $size];
}

/* Each node made, linked or dropped is a step. */
function pauses_ggauss(?Node $head, array $distances): array
{
    $next = 0;
    $sum = 0;
    $steps = new Steps();
    $steps->begin();
    for ($batch = 0; $batch < TIMED_BATCHES; $batch++) {
        $nodes = [];
        for ($i = 0; $i < 5000; $i++) {
            $nodes[] = new Node();
            $sum += touch_head($head);
            $steps->end();
        }
        for ($i = 0; $i < 5000; $i++) {
            $distance = $distances[$next++ & 65535];
            if ($distance !== null && $i + $distance >= 0 && $i + $distance < 5000) {
                $nodes[$i]->a = $nodes[$i + $distance];
                $sum++;
            }
            $distance = $distances[$next++ & 65535];
            if ($distance !== null && $i + $distance >= 0 && $i + $distance < 5000) {
                $nodes[$i]->b = $nodes[$i + $distance];
                $sum++;
            }
            $sum += touch_head($head);
            $steps->end();
        }
        for ($i = 0; $i < 5000; $i++) {
            $nodes[$i] = null;
            $sum += touch_head($head);
            $steps->end();
        }
    }
    $steps->report();
    return [TIMED_BATCHES * 5000, $sum];
}

/* ---- release: the last reference to much ------------------------------------------- */

function chain(int $size): ?Node
{
    $first = null;
    for ($i = 0; $i < $size; $i++) {
        $node = new Node();
        $node->a = $first;
        $first = $node;
    }
    return $first;
}

function even_tree(int $size): ?Node
{
    if ($size === 0) {
        return null;
    }
    $node = new Node();
    $left = intdiv($size - 1, 2);
    $node->a = even_tree($left);
    $node->b = even_tree($size - 1 - $left);
    return $node;
}

function nested_array(int $size): array
{
    $array = [];
    for ($i = 1; $i < $size; $i++) {
        $array = [$array];
    }
    return $array;
}

function release(string $what, int $size): void
{
    $held = match ($what) {
        'list' => chain($size),
        'tree' => even_tree($size),
        'nested' => nested_array($size),
    };
    $began = now();
    $held = null;
    report(now() - $began, $size, $size);
}

/* ---- fork ----------------------------------------------------------------------------- */

/* Bytes that belong to this process alone. */
function private_bytes(): int
{
    preg_match('/^Private_Dirty:\s*(\d+)/m', file_get_contents('/proc/self/smaps_rollup'), $kib);
    return $kib[1] * 1024;
}

/* What one collection in a child makes the child's own. */
function fork_bytes(int $size): void
{
    gc_disable();
    $head = live_list($size);
    if (pcntl_fork() === 0) {
        private_bytes();
        $before = private_bytes();
        gc_collect_cycles();
        printf("%.6g\n", (private_bytes() - $before) / $size);
        exit(0);
    }
    pcntl_wait($status);
}

/* What a workload needs before its time begins; then its work, as a function. */
function growth_program(string $workload, int $size): ?callable
{
    switch ($workload) {
        case 'beside':
            $head = settled_list($size);
            return fn () => beside($head);
        case 'pauses-beside':
            $head = settled_list($size);
            return fn () => pauses_beside($head);
        case 'build':
            return fn () => build($size);
        case 'build-off':
            gc_disable();
            return fn () => build($size);
        case 'pauses-build':
            return fn () => pauses_build($size);
        case 'pauses-ggauss':
            $distances = gauss_distances();
            $head = settled_list($size);
            return fn () => pauses_ggauss($head, $distances);
    }
    return null;
}
