## The workloads with Nim's ORC: nim c -d:release --mm:orc bench_nim.nim; bench_nim WORKLOAD SIZE

import std/[monotimes, os, posix, strutils, times]

type
  Node = ref object
    a, b: Node
    number: int

var state = 88172645463325252'u64

proc nextRandom(): int =
  state = state xor (state shl 13)
  state = state xor (state shr 7)
  state = state xor (state shl 17)
  int(state and 0x7fffffffffffffff'u64)

# Processor time in nanoseconds: what else runs on the machine meanwhile is not counted.
proc now(): int64 = int64(cpuTime() * 1e9)

proc report(elapsed: int64, nodes: float, count: int) =
  stderr.writeLine("count ", count)
  echo formatFloat(elapsed.float / nodes, ffDecimal, 4)

include nim_collections
include nim_programs
include nim_graphs
include nim_growth

# ---- the table ------------------------------------------------------------------------

proc first(): Done =
  proc cycle() =
    let node = Node()
    node.a = node
  cycle()
  GC_fullCollect()
  (1, 0)

template measured(work: Done) =
  let began = now()
  let done = work
  report(now() - began, done.nodes.float, done.count)

proc main() =
  let workload = paramStr(1)
  let size = parseInt(paramStr(2))
  case workload
  of "churn-1", "churn-10", "churn-100":
    measured(churn(size, parseInt(workload.split('-')[1])))
  of "closures": measured(closures(size))
  of "composer", "composer-off":
    let packages = buildPackages(size)
    if workload == "composer-off": GC_disableOrc()
    measured(composer(packages))
  of "lru":
    let universe = size + size div 9
    var keys: seq[int]
    for i in 1 .. 3 * size: keys.add(nextRandom() mod universe)
    measured(lru(size, keys, universe))
  of "binary-trees": measured(binaryTrees(size))
  of "gcbench": measured(gcbench[Branch](size))
  of "gcbench-parents": measured(gcbench[Child](size))
  of "ggauss":
    let distances = gaussDistances()
    measured(ggauss(size, distances))
  of "dom":
    var paths: seq[int]
    for i in 1 .. 5 * size: paths.add(nextRandom() mod 512)
    measured(dom(paths))
  of "first": measured(first())
  of "beside":
    beginList(size)
    measured(beside())
  of "pauses-beside":
    beginList(size)
    measured(pausesBeside())
  of "pauses-ggauss":
    let distances = gaussDistances()
    beginList(size)
    measured(pausesGgauss(distances))
  of "build": measured(build(size))
  of "build-off":
    GC_disableOrc()
    measured(build(size))
  of "pauses-build": measured(pausesBuild(size))
  of "release-list", "release-tree", "release-nested": release(workload, size)
  of "fork": forkBytes(size)
  else: collection(workload, size)

main()
