/*
 * Values, copy-on-write and references, with their counts: what the PHP manual
 * shows under "Reference Counting Basics", step by step. Above each step stands
 * the PHP that it does the same as.
 *
 * A `zval` is 16 bytes. Numbers, booleans and null are in it; strings, arrays
 * and objects are outside, counted, and shared by the zvals that hold them:
 *
 *     zval_copy(&a)        PHP's `= $a`: shares what is counted, count + 1
 *     zval_assign(&b, v)   PHP's `$b = v`: v is handed over, what b had is given up
 *     zval_release(&a)     PHP's unset($a): count - 1
 *     zval_reference(&a)   PHP's `=& $a`: another handle to the variable itself
 *
 * Output:
 *     PHP behind the >, and below it what the same calls leave.
 *
 *     > $a = 'new string';
 *     a: "new string" refcount=1
 *
 *     > $b = $a; $c = $b;
 *     a: "new string" refcount=3
 *
 *     > $b = 42; unset($c);
 *     a: "new string" refcount=1
 *     b: 42
 *
 *     > $a = ['meaning' => 'life', 'number' => 42];
 *     a: array(2) #1 refcount=1 {
 *         ["meaning"] => "life" refcount=1
 *         ["number"] => 42
 *     }
 *
 *     > $a['life'] = $a['meaning'];
 *     a: array(3) #1 refcount=1 {
 *         ["meaning"] => "life" refcount=2
 *         ["number"] => 42
 *         ["life"] => "life" refcount=2
 *     }
 *
 *     > unset($a['meaning'], $a['number']);
 *     a: array(1) #1 refcount=1 {
 *         ["life"] => "life" refcount=1
 *     }
 *
 *     > $a = ['one']; $b = $a;
 *     a: array(1) #1 refcount=2 {
 *         [0] => "one" refcount=1
 *     }
 *     b: array(1) #1 refcount=2 {
 *         [0] => "one" refcount=1
 *     }
 *
 *     > $b[] = 'two';  // separates: b gets an array of its own, the string stays shared
 *     a: array(1) #1 refcount=1 {
 *         [0] => "one" refcount=2
 *     }
 *     b: array(2) #1 refcount=1 {
 *         [0] => "one" refcount=2
 *         [1] => "two" refcount=1
 *     }
 *
 *     > $a = ['one']; $b =& $a; $c = $a;
 *     b: reference(2) array(1) #1 refcount=2 {
 *         [0] => "one" refcount=1
 *     }
 *
 *     > $b[] = 'two';  // a and b have it, c separated
 *     handles: a 2, b 2, c 0
 *     elements: a 2, b 2, c 1
 *
 *     > unset($a); $b = 1;  // c keeps its value
 *     b: reference(1) 1
 *     c: array(1) #1 refcount=1 {
 *         [0] => "one" refcount=1
 *     }
 *
 *     > $a = ['one']; $a[] =& $a;
 *     a: reference(2) array(2) #1 refcount=1 {
 *         [0] => "one" refcount=1
 *         [1] => reference(2) array(2) #1, a cycle
 *     }
 *
 *     > unset($a);  // one handle is left, inside the array itself
 *     alive: 1
 *
 *     > gc_collect_cycles();
 *     freed: 1
 *     alive: 0, 0 bytes in use
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

static void check(enum gc_result result)
{
    if (result != GC_OK) {
        fprintf(stderr, "03_values_and_counts: %s\n", gc_result_text(result));
        exit(EXIT_FAILURE);
    }
}

/* A constructor that finds no memory returns an undefined value. */
static zval made(zval value)
{
    check(zval_type_of(&value) == ZVAL_UNDEF ? GC_ENOMEM : GC_OK);
    return value;
}

static void php(const char *code)
{
    printf("\n> %s\n", code);
}

static void show(const char *name, const zval *value)
{
    printf("%s: ", name);
    zval_dump(stdout, value);
}

/* The manual's first steps: one string, and variables that come and go. */
static void share_a_string(void)
{
    php("$a = 'new string';");
    zval a = made(zval_cstring("new string"));
    show("a", &a);

    php("$b = $a; $c = $b;");
    zval b = zval_copy(&a);
    zval c = zval_copy(&b);
    show("a", &a);

    php("$b = 42; unset($c);");
    zval_assign(&b, zval_int(42));
    zval_release(&c);
    show("a", &a);
    show("b", &b);

    zval_release(&a); /* the last one: the string goes */
    zval_release(&b); /* nothing is counted here, so there is nothing to do */
}

/* Arrays are counted, and so is what they hold. */
static void put_into_an_array(void)
{
    php("$a = ['meaning' => 'life', 'number' => 42];");
    zval a = made(zval_array());
    check(zval_array_set(&a, "meaning", zval_cstring("life")));
    check(zval_array_set(&a, "number", zval_int(42)));
    show("a", &a);

    php("$a['life'] = $a['meaning'];");
    check(zval_array_set(&a, "life", zval_copy(zval_array_get(&a, "meaning"))));
    show("a", &a);

    php("unset($a['meaning'], $a['number']);");
    check(zval_array_remove(&a, "meaning"));
    check(zval_array_remove(&a, "number"));
    show("a", &a);
    zval_release(&a);
}

/* An array is a value: two variables share it until one of them writes. */
static void copy_on_write(void)
{
    php("$a = ['one']; $b = $a;");
    zval a = made(zval_array());
    check(zval_array_push(&a, zval_cstring("one")));
    zval b = zval_copy(&a);
    show("a", &a);
    show("b", &b);

    php("$b[] = 'two';  // separates: b gets an array of its own, the string stays shared");
    check(zval_array_push(&b, zval_cstring("two")));
    show("a", &a);
    show("b", &b);
    zval_release(&a);
    zval_release(&b);
}

/* A reference makes two variables one: both are handles to the same value, and a write through
   either is seen by both. The handles are counted apart from what they lead to: here the array is
   held twice, by the reference, however many handles that has, and by c. */
static void share_a_variable(void)
{
    php("$a = ['one']; $b =& $a; $c = $a;");
    zval a = made(zval_array());
    check(zval_array_push(&a, zval_cstring("one")));
    zval b = made(zval_reference(&a));
    zval c = zval_copy(&a);
    show("b", &b);

    php("$b[] = 'two';  // a and b have it, c separated");
    check(zval_array_push(&b, zval_cstring("two")));
    printf("handles: a %" PRIu32 ", b %" PRIu32 ", c %" PRIu32 "\n", zval_reference_count(&a),
           zval_reference_count(&b), zval_reference_count(&c));
    printf("elements: a %zu, b %zu, c %zu\n", zval_array_count(&a), zval_array_count(&b),
           zval_array_count(&c));

    php("unset($a); $b = 1;  // c keeps its value");
    zval_release(&a);
    zval_assign(&b, zval_int(1));
    show("b", &b);
    show("c", &c);
    zval_release(&b);
    zval_release(&c);
}

/* The manual's last step, and the reason for all the rest. */
static void refer_to_oneself(void)
{
    php("$a = ['one']; $a[] =& $a;");
    zval a = made(zval_array());
    check(zval_array_push(&a, zval_cstring("one")));
    check(zval_array_push(&a, zval_reference(&a)));
    show("a", &a);

    php("unset($a);  // one handle is left, inside the array itself");
    zval_release(&a);
    printf("alive: %" PRIu64 "\n", gc_status().live_nodes);

    php("gc_collect_cycles();");
    printf("freed: %zu\n", gc_collect_cycles());
    printf("alive: %" PRIu64 ", %zu bytes in use\n", gc_status().live_nodes,
           gc_memory_usage(false));
}

int main(void)
{
    printf("PHP behind the >, and below it what the same calls leave.\n");
    share_a_string();
    put_into_an_array();
    copy_on_write();
    share_a_variable();
    refer_to_oneself();
    return EXIT_SUCCESS;
}
