## The workloads with Nim's ORC: nim c -d:release --mm:orc bench_nim.nim; bench_nim WORKLOAD SIZE

import std/[os, strutils, times]

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

# ---- section A ----------------------------------------------------------------------

type
  TreeNode = ref object
    links: array[2, TreeNode]
    parent: TreeNode

  TextNode = ref object
    a, b: TextNode
    text: string

  Nested = ref object
    items: seq[Nested]

  Hub = ref object
    items: seq[Node]

proc bothWays(nodes: seq[Node], left, right: int) =
  nodes[left].a = nodes[right]
  nodes[right].b = nodes[left]

proc connect(shape: string, nodes: seq[Node]) =
  let count = nodes.len
  case shape
  of "self":
    for node in nodes: node.a = node
  of "list":
    for i in 1 ..< count: bothWays(nodes, i - 1, i)
  of "shuffled":
    var order = newSeq[int](count)
    for i in 0 ..< count: order[i] = i
    for i in countdown(count - 1, 2):
      swap(order[i], order[1 + nextRandom() mod i])
    for i in 1 ..< count: bothWays(nodes, order[i - 1], order[i])
  of "random":
    for node in nodes:
      node.a = nodes[nextRandom() mod count]
      node.b = nodes[nextRandom() mod count]
  of "rings21":
    for first in countup(0, count - 1, 21):
      let size = min(21, count - first)
      for i in 0 ..< size: bothWays(nodes, first + i, first + (i + 1) mod size)
  else: quit("no such workload", 3)

proc collect(nodes: float) =
  let began = now()
  GC_fullCollect()
  report(now() - began, nodes, 0)

# Global, so that an assignment counts.
var
  held: Node
  heldTree: TreeNode
  heldHub: Hub
  heldNested: Nested

proc buildGraph(shape: string, size: int, live: bool) =
  var nodes = newSeq[Node](size)
  for i in 0 ..< size: nodes[i] = Node()
  connect(shape, nodes)
  if live: held = nodes[0]

proc randomLive(size: int) =
  var nodes = newSeq[Node](size)
  for i in 0 ..< size: nodes[i] = Node()
  connect("random", nodes)
  for i in 0 ..< size:
    held = nodes[i]
  held = nil
  collect(size.float)
  if nodes[0].number != 0: quit(1)

proc buildTree(size: int, live: bool) =
  var nodes = newSeq[TreeNode](size)
  for i in 0 ..< size: nodes[i] = TreeNode()
  for i in 1 ..< size:
    let parent = (i - 1) div 2
    nodes[parent].links[(i - 1) mod 2] = nodes[i]
    nodes[i].parent = nodes[parent]
  if live: heldTree = nodes[0]

proc buildTexts(size: int) =
  var nodes = newSeq[TextNode](size)
  for i in 0 ..< size:
    let number = $i
    nodes[i] = TextNode(text: repeat('0', 32 - number.len) & number)
  for node in nodes:
    node.a = nodes[nextRandom() mod size]
    node.b = nodes[nextRandom() mod size]

proc collectTimes(nodes: float, touch: proc()) =
  var elapsed = 0'i64
  for i in 1 .. 5:
    touch()
    let began = now()
    GC_fullCollect()
    elapsed += now() - began
  report(elapsed, nodes * 5, 0)

var otherHub: Hub
var otherNested: Nested

proc touchHub() =
  otherHub = heldHub
  otherHub = nil

proc touchNested() =
  otherNested = heldNested
  otherNested = nil

proc hub(size: int) =
  heldHub = Hub()
  for i in 0 ..< size: heldHub.items.add(Node())
  collectTimes(size.float, touchHub)

proc nested(size: int) =
  var lists = 1
  while lists * (lists - 1) div 2 < size: inc lists
  heldNested = Nested()
  for n in 1 ..< lists:
    let outer = Nested()
    for i in 0 ..< n: outer.items.add(heldNested)
    heldNested = outer
  collectTimes((lists * (lists - 1) div 2).float, touchNested)

proc collection(workload: string, size: int) =
  GC_disableOrc()
  let shape = workload.split('-')[0]
  let live = workload.endsWith("-live")
  case shape
  of "hub": hub(size)
  of "nested": nested(size)
  of "tree":
    buildTree(size, live)
    collect(size.float)
  of "strings":
    buildTexts(size)
    collect(size.float)
  elif workload == "random-live": randomLive(size)
  else:
    buildGraph(shape, size, live)
    collect(size.float)

# ---- section B ----------------------------------------------------------------------

type Done = tuple[nodes, count: int]

proc churn(size, ring: int): Done =
  var made = 0
  while made < size:
    let first = Node()
    var last = first
    for i in 1 ..< ring:
      last.a = Node()
      last = last.a
      last.number = i
    last.a = first
    result.count += last.number
    made += ring
  result.nodes = made

type Environment = ref object
  function: proc(): int
  captured: int

proc makeClosure(i: int): proc(): int =
  let environment = Environment(captured: i)
  result = proc(): int = environment.captured
  environment.function = result

proc closures(size: int): Done =
  for i in 0 ..< size:
    let function = makeClosure(i)
    result.count += function()
  result.nodes = size

type Package = ref object
  links: array[4, Package]
  number: int

var package: Package

proc buildPackages(size: int): seq[Package] =
  for i in 0 ..< size: result.add(Package(number: i))
  for each in result:
    for link in 0 .. 3: each.links[link] = result[nextRandom() mod size]

proc composer(packages: seq[Package]): Done =
  for round in 1 .. 100:
    for i in 0 ..< packages.len:
      package = packages[i]
      result.count += package.number
      package = nil
  result.nodes = packages.len * 100

type Entry = ref object
  newer, older: Entry
  key: int

proc unlinkEntry(entry: Entry) =
  let newer = move entry.newer
  let older = move entry.older
  newer.older = older
  older.newer = newer

proc linkNewest(ends, entry: Entry) =
  let second = ends.older
  entry.newer = ends
  entry.older = second
  ends.older = entry
  second.newer = entry

proc lru(size: int, keys: seq[int], universe: int): Done =
  var byKey = newSeq[Entry](universe)
  let ends = Entry()
  ends.newer = ends
  ends.older = ends
  var used = 0
  for key in keys:
    if byKey[key] != nil:
      let entry = byKey[key]
      unlinkEntry(entry)
      linkNewest(ends, entry)
      inc result.count
      continue
    if used == size:
      let oldest = ends.newer
      byKey[oldest.key] = nil
      unlinkEntry(oldest)
      dec used
    let entry = Entry(key: key)
    linkNewest(ends, entry)
    byKey[key] = entry
    inc used
  result.nodes = keys.len

type Twig = ref object
  left, right: Twig

proc growTwigs(depth: int): Twig =
  result = Twig()
  if depth > 0:
    result.left = growTwigs(depth - 1)
    result.right = growTwigs(depth - 1)

proc countTwigs(twig: Twig): int =
  if twig.left == nil: 1
  else: 1 + countTwigs(twig.left) + countTwigs(twig.right)

proc growAndCount(depth: int): int =
  let twig = growTwigs(depth)
  countTwigs(twig)

proc binaryTrees(most: int): Done =
  var sum = growAndCount(most + 1)
  let longLived = growTwigs(most)
  for depth in countup(4, most, 2):
    for i in 1 .. (1 shl (most - depth + 4)):
      sum += growAndCount(depth)
  sum += countTwigs(longLived)
  (sum, sum)

type
  Branch = ref object
    left, right: Branch
    i, j: int32
  Child = ref object
    left, right, parent: Child
    i, j: int32

proc attach(branch: Branch, left, right: sink Branch) =
  branch.left = left
  branch.right = right

proc attach(branch: Child, left, right: sink Child) =
  left.parent = branch
  right.parent = branch
  branch.left = left
  branch.right = right

proc bottomUp[T](depth: int): T =
  if depth == 0: return T()
  let left = bottomUp[T](depth - 1)
  let right = bottomUp[T](depth - 1)
  result = T()
  attach(result, left, right)

proc populate[T](depth: int, branch: T) =
  if depth > 0:
    attach(branch, T(), T())
    populate(depth - 1, branch.left)
    populate(depth - 1, branch.right)

proc topDown[T](depth: int): T =
  result = T()
  populate(depth, result)

proc treeNodes(depth: int): int = (1 shl (depth + 1)) - 1

proc makeBottomUp[T](depth: int) =
  let tree = bottomUp[T](depth)
  if tree.i != 0: quit(1)

proc makeTopDown[T](depth: int) =
  let tree = topDown[T](depth)
  if tree.i != 0: quit(1)

proc gcbench[T](stretch: int): Done =
  let deepest = stretch - 2
  makeBottomUp[T](stretch)
  let longLived = topDown[T](deepest)
  var numbers = newSeq[float](500000)
  for i in 1 ..< 250000: numbers[i] = 1.0 / i.float
  var made = treeNodes(stretch) + treeNodes(deepest)
  for depth in countup(4, deepest, 2):
    let times = 2 * treeNodes(stretch) div treeNodes(depth)
    for i in 1 .. times: makeTopDown[T](depth)
    for i in 1 .. times: makeBottomUp[T](depth)
    made += 2 * times * treeNodes(depth)
  if longLived.i != 0: quit(1)
  (made, made)

const noLink = int.high

proc randomDistance(): int =
  let bits = nextRandom()
  var sum = 0
  for i in 0 .. 11: sum += (bits shr (5 * i)) and 31
  if nextRandom() mod 3 < 2: sum * 100 div 32 - 581 else: noLink

proc ggauss(size: int, distances: seq[int]): Done =
  let batches = (size + 4999) div 5000
  var next = 0
  for batch in 1 .. batches:
    var nodes = newSeq[Node](5000)
    for i in 0 ..< 5000: nodes[i] = Node()
    for i in 0 ..< 5000:
      let first = distances[next and 65535]
      let second = distances[(next + 1) and 65535]
      next += 2
      if first != noLink and i + first >= 0 and i + first < 5000:
        nodes[i].a = nodes[i + first]
        inc result.count
      if second != noLink and i + second >= 0 and i + second < 5000:
        nodes[i].b = nodes[i + second]
        inc result.count
  result.nodes = batches * 5000

type Element = ref object
  parent, first, next, previous: Element
  number: int

var madeElements = 0

proc makeElements(depth: int): Element =
  result = Element(number: madeElements)
  inc madeElements
  var previous: Element
  if depth > 0:
    for i in 1 .. 8:
      let child = makeElements(depth - 1)
      child.parent = result
      if previous == nil:
        result.first = child
      else:
        child.previous = previous
        previous.next = child
      previous = child

proc replace(old, fresh: Element) =
  fresh.parent = move old.parent
  fresh.next = move old.next
  fresh.previous = move old.previous
  if fresh.next != nil: fresh.next.previous = fresh
  if fresh.previous != nil: fresh.previous.next = fresh
  else: fresh.parent.first = fresh

proc dom(paths: seq[int]): Done =
  let document = makeElements(6)
  for path in paths:
    var element = document
    var rest = path
    for depth in 1 .. 3:
      element = element.first
      for place in 1 .. rest mod 8: element = element.next
      rest = rest div 8
    replace(element, makeElements(3))
  (madeElements, madeElements)

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
    var distances: seq[int]
    for i in 1 .. 65536: distances.add(randomDistance())
    measured(ggauss(size, distances))
  of "dom":
    var paths: seq[int]
    for i in 1 .. 5 * size: paths.add(nextRandom() mod 512)
    measured(dom(paths))
  of "first": measured(first())
  else: collection(workload, size)

main()
