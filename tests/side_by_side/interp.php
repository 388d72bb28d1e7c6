<?php
/*
 * PHP's side: runs the scenarios of a file and prints a trace of each.
 *
 * An interpreter that kept a scenario's variables in an array would add
 * references and possible roots of its own. So each scenario is translated into
 * the body of one function whose variables are that function's own, and that is
 * compiled and called. README.md has the operations and why each is written
 * the way it is here.
 */
error_reporting(E_ERROR|E_PARSE);
ini_set('memory_limit', '-1');

require __DIR__ . '/classes.php';

/* The PHP text of a place such as v3, g1.a or v2[k].b. */
function place(string $text): string
{
    $text = preg_replace('/^v/', '$v', $text);
    $text = preg_replace('/^g/', 'S::$g', $text);
    $text = preg_replace('/\.(\w+)/', '->$1', $text);
    return preg_replace('/\[([a-z]\w*)\]/', "['$1']", $text);
}

/* That what a place goes through has the type for it. */
function guard(string $text): array
{
    $guards = [];
    for ($at = 0; preg_match('/[.\[]/', $text, $found, PREG_OFFSET_CAPTURE, $at); $at++) {
        $at = $found[0][1];
        $holder = place(substr($text, 0, $at));
        $guards[] = $found[0][0] === '.' ? "$holder instanceof Bare" : "is_array($holder)";
    }
    return $guards;
}

/* That the element at a place can be removed: it is there, and not the last one with a number. README.md
   has both reasons. */
function removable(string $text): array
{
    if (!preg_match('/^(.*)\[(\w+)\]$/', $text, $found)) {
        return [];
    }
    $array = place($found[1]);
    return is_numeric($found[2])
        ? ["array_key_exists({$found[2]}, $array)", "array_key_last($array) !== {$found[2]}"]
        : ["array_key_exists('{$found[2]}', $array)"];
}

function if_all(array $guards, string $code): string
{
    return $guards ? 'if (' . implode(' && ', $guards) . ") { $code } else { echo \"-\\n\"; }" : $code;
}

/* What a place holds, as a temporary: the value is taken before anything is written to. */
function value(string $text): string
{
    return '(' . place($text) . ' ?? null)';
}

/* Variables, objects and references. */
function translate_variable(array $words): ?string
{
    [$name, $p, $q, $r] = $words + [null, '', '', ''];
    $to = place($p);
    switch ($name) {
        case 'new':
            return if_all(guard($p), "$to = new $q; if ("
                . implode(' && ', [...guard($p), "$to instanceof Bare", "{$to}->id === null"])
                . ") { {$to}->id = $r; }");
        case 'set':
        case 'put':
            return if_all([...guard($p), ...guard($q)], "$to = " . value($q) . ';');
        case 'bind':
            return if_all([...guard($p), ...guard($q)], "$to = &" . place($q) . ';');
        case 'unset':
            if (strlen($p) === 2) {
                return "S::\$direct = {$to}->id ?? 0; unset($to); S::\$direct = 0;";
            }
            return if_all([...guard($p), ...removable($p)], "unset($to);");
        case 'null':
            return if_all(guard($p), "$to = null;");
        case 'int':
            return if_all(guard($p), "$to = $q;");
        case 'str':
            return if_all(guard($p), "$to = 'text';");
        case 'same':
            return if_all([...guard($p), ...guard($q), value($p) . ' instanceof Bare'],
                "echo 'same ', (int) (" . value($p) . ' === ' . value($q) . '), "\n";');
        case 'dump':
            return if_all(guard($p), 'debug_zval_dump' . value($p) . ';');
    }
    return null;
}

/* Arrays. A literal one is not counted; one with a variable or a temporary in it is. */
function translate_array(array $words): ?string
{
    [$name, $p, $q] = $words + [null, '', ''];
    $to = place($p);
    $guards = [...guard($p), ...guard($q)];
    $is_array = 'is_array(' . value($p) . ')';
    switch ($name) {
        case 'list':
            return if_all(guard($p), "\$i = $q; $to = [\$i];");
        case 'listof':
            return if_all($guards, "$to = [" . value($q) . '];');
        case 'listref':
            return if_all($guards, "$to = [&" . place($q) . '];');
        case 'push':
            return if_all([...$guards, $is_array], "{$to}[] = " . value($q) . ';');
        case 'pushref':
            return if_all([...$guards, $is_array], "{$to}[] = &" . place($q) . ';');
        case 'count':
            return if_all([...guard($p), $is_array], "echo 'count ', count($to), \"\\n\";");
    }
    return null;
}

/* Weak references, weak maps, and what destructors kept. */
function translate_weak(array $words): ?string
{
    [$name, $p, $q, $r, $s] = $words + [null, '', '', '', ''];
    $object = fn ($text) => [...guard($text), value($text) . ' instanceof Bare'];
    $get = fn ($weak) => "(S::\$$weak === null ? null : S::\${$weak}->get())";
    switch ($name) {
        case 'weak':
            return if_all($object($q), "S::\$$p = WeakReference::create(" . value($q) . ');');
        case 'check':
            return "\$t = {$get($p)}; echo '$p ', \$t === null ? 'none' : (int) \$t->id, \"\\n\"; unset(\$t);";
        case 'fromweak':
            return if_all(guard($p), place($p) . " = {$get($q)};");
        case 'sameweak':
            return "echo 'same ', (int) (S::\$$p === S::\$$q), \"\\n\";";
        case 'kept':
            return if_all(guard($p), place($p) . " = S::\$kept[$q] ?? null;");
        case 'unkeep':
            return "if (array_key_exists($p, S::\$kept)) { unset(S::\$kept[$p]); } else { echo \"-\\n\"; }";
        case 'map':
            return "S::\$$p = new WeakMap;";
        case 'mapdrop':
            return "S::\$$p = null;";
        case 'mapplace':
            return if_all([...guard($q), "S::\$$p !== null"], place($q) . " = S::\$$p;");
    }
    $object = [...$object($q), "S::\$$p !== null"];
    $at = "S::\${$p}[" . value($q) . ']';
    switch ($name) {
        case 'mapset':
            return if_all($object, "$at = $r;");
        case 'mapnew':
            return if_all($object, "\$t = new $r; \$t->id = $s; $at = \$t; unset(\$t);");
        case 'mapget':
            return if_all($object, "\$t = $at ?? null; echo 'at ', \$t instanceof Bare ? (int) \$t->id : (\$t ?? 'none'), \"\\n\"; unset(\$t);");
        case 'mapunset':
            return if_all($object, "unset($at);");
        case 'mapcount':
            return if_all(["S::\$$p !== null"], "echo 'count ', count(S::\$$p), \"\\n\";");
    }
    return null;
}

/* The collector. */
function translate_collector(array $words): ?string
{
    switch ($words[0]) {
        case 'collect':
            return "\$i = gc_status()['runs']; S::\$collecting = true; \$j = gc_collect_cycles(); "
                . "S::\$collecting = false; echo 'collected ', \$j, ' runs ', gc_status()['runs'] - \$i, \"\\n\";";
        case 'collected':
            return 'S::$collecting = true; $j = gc_collect_cycles(); S::$collecting = false; echo "collected $j\n";';
        case 'settle':
            return 'for ($i = 0; $i < 6; $i++) { ' . translate('collected') . ' }';
        case 'status':
            return "echo 'roots ', gc_status()['roots'], ' collected ', gc_status()['collected'] - \$collected, "
                . "' enabled ', (int) gc_enabled(), \"\\n\";";
        case 'threshold':
            return "echo 'runs ', gc_status()['runs'] - \$runs, ' threshold ', gc_status()['threshold'], \"\\n\";";
        case 'enable':
            return 'gc_enable();';
        case 'disable':
            return 'gc_disable();';
        case 'flood':
            return "for (\$i = 0; \$i < {$words[1]}; \$i++) { \$t = new Plain; \$t->a = \$t; } unset(\$t);";
    }
    return null;
}

function translate(string $line): string
{
    $words = explode(' ', $line);
    return translate_variable($words) ?? translate_array($words) ?? translate_weak($words)
        ?? translate_collector($words) ?? throw new Exception("unknown operation: $line");
}

/* What lets go of everything, in a fixed order. */
const END = [
    'unset($v0, $v1, $v2, $v3, $v4, $v5);',
    'S::$g0 = &$t; unset($t); S::$g1 = &$t; unset($t); S::$g2 = &$t; unset($t); S::$g3 = &$t; unset($t);',
    'S::$m0 = null; S::$m1 = null;',
];

/* Destructors that keep something can make a chain of rounds necessary. */
const END_ROUND = 'S::$kept = []; S::$g0 = null; S::$g1 = null;';
const END_ROUNDS = 16;

function body_of(array $lines): string
{
    $body = '$v0 = $v1 = $v2 = $v3 = $v4 = $v5 = null; $runs = gc_status()["runs"]; '
        . '$collected = gc_status()["collected"];';
    foreach ($lines as $number => $line) {
        $body .= "echo \"#$number $line\\n\"; " . translate($line) . "\n";
    }
    foreach (END as $number => $code) {
        $body .= "echo \"#end $number\\n\"; $code\n";
    }
    $collect = translate('collected');
    return $body . 'for ($k = 0; $k < ' . END_ROUNDS . "; \$k++) { echo \"#end\\n\"; " . END_ROUND . " $collect }"
        . translate('settle');
}

/* Nothing of the last scenario may be in the buffer. */
function begin_clean(): void
{
    S::$g0 = S::$g1 = S::$g2 = S::$g3 = S::$m0 = S::$m1 = null;
    S::$w0 = S::$w1 = S::$w2 = S::$w3 = null;
    S::$kept = [];
    S::$collecting = false;
    gc_enable();
    while (gc_status()['roots'] > 0) {
        gc_collect_cycles();
    }
}

function run(string $name, array $lines): void
{
    $function = eval('return static function () {' . body_of($lines) . '};');
    begin_clean();
    echo "scenario $name\n";
    flush();
    ob_start();
    try {
        $function();
    } catch (Throwable $error) {
        echo 'error: ', $error->getMessage(), "\n";
    }
    $trace = ob_get_clean();
    /* Indentation and the numbers that PHP gives to objects do not matter. */
    $trace = preg_replace(['/^ +/m', '/\)#\d+ \(\d+\)/'], ['', ')'], $trace);
    echo $trace, "end $name\n";
    flush();
}

if ($argc < 2) {
    fwrite(STDERR, "usage: php interp.php scenarios\n");
    exit(2);
}
/* No foreach over an iterator: that one would be a possible root after each collection. */
$file = fopen($argv[1], 'r');
$name = null;
$lines = [];
while (($line = fgets($file)) !== false) {
    $line = rtrim($line);
    if (str_starts_with($line, 'scenario ')) {
        $name = substr($line, 9);
        $lines = [];
    } elseif ($line === 'end') {
        run($name, $lines);
    } elseif ($line !== '' && $line[0] !== '/') {
        $lines[] = $line;
    }
}
