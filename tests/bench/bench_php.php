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

/* ---- section A ---------------------------------------------------------------- */

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

/* ---- section B ---------------------------------------------------------------- */

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

function random_distance(): ?int
{
    $bits = next_random();
    $sum = 0;
    for ($i = 0; $i < 12; $i++) {
        $sum += $bits >> (5 * $i) & 31;
    }
    return next_random() % 3 < 2 ? intdiv($sum * 100, 32) - 581 : null;
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
            $distances = [];
            for ($i = 0; $i < 65536; $i++) {
                $distances[] = random_distance();
            }
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
} elseif ($work = program($workload, $size)) {
    $began = now();
    [$nodes, $count] = $work();
    report(now() - $began, $nodes, $count);
} else {
    collection($workload, $size);
}
