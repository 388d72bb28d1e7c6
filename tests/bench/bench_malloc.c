/*
 * The whole programs with memory freed by hand.
 */
#include "program_workloads.h"

int main(int argc, char **argv)
{
    static const struct bench_workload *const tables[] = {program_workloads, tree_programs,
                                                          graph_programs, growth_programs, NULL};
    return bench_main(argc, argv, tables);
}
