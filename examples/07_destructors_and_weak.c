/*
 * Destructors, rescues, and a weak link instead of a cycle.
 *
 * A destructor runs once in an object's life, when the object is about to go:
 * at the last release, or, if it hangs in a cycle, when the collector has found
 * it. The object is whole then, with all that it refers to. The destructor may
 * do anything, and if it keeps a handle to its object, that lives on.
 *
 * A cycle that need not be is better not made: a tree whose children refer to
 * their parents weakly is freed by counting alone, and at once.
 *
 * Output:
 *     A window and its button hold each other:
 *         both handles dropped: nothing happens
 *         closing "Save?", its button says "Yes"
 *         the collector freed 2
 *     A connection returns to its pool:
 *         "db-1" is not needed any more, and is kept
 *         in the pool: 1, alive: 2
 *         a weak reference still answers: "db-1"
 *         taken out and dropped again: alive: 1, no second destructor
 *     A tree whose children know their parent weakly:
 *         the parent of "bin" is "usr"
 *         the tree dropped: alive: 0, by counting alone
 *         a child that was kept: its parent is gone
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

static void require(enum gc_result result)
{
    if (result != GC_OK) {
        fprintf(stderr, "07_destructors_and_weak: %s\n", gc_result_text(result));
        exit(EXIT_FAILURE);
    }
}

static const char *text_of(const zval *object, const char *property)
{
    return zval_string_bytes(zval_property_get(object, property), NULL);
}

/* An object with a name. If there was no memory for either, the write says so. */
static zval new_named(const struct zval_class *class_, const char *name)
{
    zval object = zval_object(class_);
    require(zval_property_set(&object, "name", zval_cstring(name)));
    return object;
}

/* ---- a destructor in a cycle -------------------------------------------- */

static void close_window(zval *self)
{
    const zval *button = zval_property_get(self, "button");
    printf("    closing \"%s\", its button says \"%s\"\n", text_of(self, "name"),
           text_of(button, "name"));
}

static const struct zval_class window_class = {.name = "window", .destructor = close_window};

static void a_window_and_its_button(void)
{
    printf("A window and its button hold each other:\n");
    zval window = new_named(&window_class, "Save?");
    zval button = new_named(NULL, "Yes");
    require(zval_property_set(&window, "button", zval_copy(&button)));
    require(zval_property_set(&button, "window", zval_copy(&window)));
    zval_release(&window);
    zval_release(&button);
    printf("    both handles dropped: nothing happens\n");
    size_t nodes = gc_collect_cycles(); /* runs the destructor first, then frees */
    printf("    the collector freed %zu\n", nodes);
}

/* ---- a rescue ------------------------------------------------------------ */

static zval pool; /* an array, which owns what is in it */

/* `self` is lent: a copy of it is one more owner, and so the object does not go. */
static void return_to_pool(zval *self)
{
    printf("    \"%s\" is not needed any more, and is kept\n", text_of(self, "name"));
    require(zval_array_push(&pool, zval_copy(self)));
}

static const struct zval_class connection_class = {.name = "connection",
                                                   .destructor = return_to_pool};

static void a_connection_and_its_pool(void)
{
    printf("A connection returns to its pool:\n");
    pool = zval_array();
    zval connection = new_named(&connection_class, "db-1");
    zval weak = zval_weakref(&connection); /* knows the object, does not keep it */
    require(zval_type_of(&weak) == ZVAL_WEAKREF ? GC_OK : GC_ENOMEM);
    zval_release(&connection);
    printf("    in the pool: %zu, alive: %" PRIu64 "\n", zval_array_count(&pool),
           gc_status().live_nodes); /* the pool and the connection */

    connection = zval_weakref_get(&weak); /* an owner more; null once the object is gone */
    printf("    a weak reference still answers: \"%s\"\n", text_of(&connection, "name"));
    require(zval_array_remove_at(&pool, 0));
    zval_release(&connection);
    printf("    taken out and dropped again: alive: %" PRIu64 ", no second destructor\n",
           gc_status().live_nodes);
    zval_release(&weak);
    zval_release(&pool);
}

/* ---- a weak link instead of a cycle -------------------------------------- */

static void add_child(zval *parent, zval child)
{
    require(zval_property_set(&child, "parent", zval_weakref(parent)));
    require(zval_property_set(parent, text_of(&child, "name"), child));
}

static void print_parent(const zval *child, const char *what)
{
    zval parent = zval_weakref_get(zval_property_get(child, "parent"));
    if (zval_type_of(&parent) == ZVAL_NULL) {
        printf("    %s its parent is gone\n", what);
    } else {
        printf("    %s \"%s\"\n", what, text_of(&parent, "name"));
    }
    zval_release(&parent);
}

static zval new_tree(void)
{
    zval root = new_named(NULL, "usr");
    add_child(&root, new_named(NULL, "bin"));
    add_child(&root, new_named(NULL, "lib"));
    return root;
}

static void a_tree(void)
{
    printf("A tree whose children know their parent weakly:\n");
    zval root = new_tree();
    print_parent(zval_property_get(&root, "bin"), "the parent of \"bin\" is");
    zval_release(&root);
    printf("    the tree dropped: alive: %" PRIu64 ", by counting alone\n", gc_status().live_nodes);

    root = new_tree();
    zval bin = zval_copy(zval_property_get(&root, "bin"));
    zval_release(&root);
    print_parent(&bin, "a child that was kept:");
    zval_release(&bin);
}

int main(void)
{
    a_window_and_its_button();
    a_connection_and_its_pool();
    a_tree();
    return EXIT_SUCCESS;
}
