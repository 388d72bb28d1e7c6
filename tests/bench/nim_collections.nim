## Section A: the time of one collection. Part of bench_nim.nim.

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
