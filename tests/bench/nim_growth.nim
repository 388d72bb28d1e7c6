## Section C: what it costs that a large live structure stands by. Part of bench_nim.nim.

const
  steps = 1_000_000
  timedBatches = 100
  pauseAtLeast = 100_000

# ---- every step timed as bench_steps.c does it; see there -------------------------

var
  pauses = newSeqOfCap[int64](1 shl 20)
  stepsDone = 0
  stepBegan, wallTogether, processorTogether: int64

proc wall(): int64 = getMonoTime().ticks

proc lost(): int64 =
  let wallNow = wall()
  let processorNow = now()
  result = max(0, wallNow - wallTogether - (processorNow - processorTogether))
  wallTogether = wallNow
  processorTogether = processorNow

proc beginSteps() =
  discard lost()
  stepBegan = wall()

proc endStep() =
  let wallNow = wall()
  var step = wallNow - stepBegan
  stepBegan = wallNow
  inc stepsDone
  if step >= pauseAtLeast:
    step -= lost()
    if step >= pauseAtLeast: pauses.add(step)
    stepBegan = wall()
  elif stepsDone mod 1024 == 0:
    discard lost()
    stepBegan = wall()

proc kibOf(path, name: string): int =
  for line in lines(path):
    if line.startsWith(name): return parseInt(line.splitWhitespace()[1])

proc reportSteps() =
  stderr.writeLine("steps ", stepsDone)
  stderr.writeLine("peak ", kibOf("/proc/self/status", "VmHWM:"))
  for pause in pauses: stderr.writeLine("pause ", pause)

# ---- the live list ------------------------------------------------------------------

# Global, so that an assignment counts.
var
  head, last, touched: Node

proc append() =
  let node = Node(number: 1)
  if last == nil:
    head = node
  else:
    node.b = last
    last.a = node
  last = node

proc buildList(size: int) =
  for i in 1 .. size: append()
  last = nil

# Collected once, so that no later run has to look at it for the first time.
proc beginList(size: int) =
  GC_disableOrc()
  buildList(size)
  GC_enableOrc()
  GC_fullCollect()

# A possible root now, if it is one at all.
proc touchHead(): int =
  touched = head
  result = if touched == nil: 0 else: touched.number
  touched = nil

# ---- the workloads ------------------------------------------------------------------

proc besideStep(): int =
  let node = Node()
  node.a = node
  touchHead()

proc beside(): Done =
  for i in 1 .. steps: result.count += besideStep()
  result.nodes = steps

proc pausesBeside(): Done =
  beginSteps()
  for i in 1 .. steps:
    result.count += besideStep()
    endStep()
  reportSteps()
  result.nodes = steps

proc build(size: int): Done =
  buildList(size)
  (size, size)

proc pausesBuild(size: int): Done =
  beginSteps()
  for i in 1 .. size:
    append()
    endStep()
  reportSteps()
  (size, size)

# Each node made, linked or dropped is a step.
proc pausesGgauss(distances: seq[int]): Done =
  var next = 0
  beginSteps()
  for batch in 1 .. timedBatches:
    var nodes = newSeq[Node](5000)
    for i in 0 ..< 5000:
      nodes[i] = Node()
      result.count += touchHead()
      endStep()
    for i in 0 ..< 5000:
      linkGauss(nodes, i, distances, next, result.count)
      result.count += touchHead()
      endStep()
    for i in 0 ..< 5000:
      nodes[i] = nil
      result.count += touchHead()
      endStep()
  reportSteps()
  result.nodes = timedBatches * 5000

# ---- release: the last reference to much ----------------------------------------------

proc chain(size: int): Node =
  for i in 1 .. size:
    let node = Node()
    node.a = result
    result = node

proc evenTree(size: int): Node =
  if size > 0:
    result = Node()
    let left = (size - 1) div 2
    result.a = evenTree(left)
    result.b = evenTree(size - 1 - left)

proc nestedLists(size: int): Nested =
  result = Nested()
  for i in 2 .. size:
    let outer = Nested()
    outer.items.add(result)
    result = outer

proc release(workload: string, size: int) =
  case workload
  of "release-list": head = chain(size)
  of "release-tree": head = evenTree(size)
  else: heldNested = nestedLists(size)
  let began = now()
  head = nil
  heldNested = nil
  report(now() - began, size.float, size)

# ---- fork -----------------------------------------------------------------------------

# Bytes that belong to this process alone.
proc privateBytes(): int = kibOf("/proc/self/smaps_rollup", "Private_Dirty:") * 1024

# What one collection in a child makes the child's own.
proc forkBytes(size: int) =
  GC_disableOrc()
  buildList(size)
  if fork() == 0:
    discard privateBytes()
    let before = privateBytes()
    GC_fullCollect()
    echo formatFloat((privateBytes() - before).float / size.float, ffDecimal, 4)
    quit(0)
  var status: cint
  discard wait(addr status)
