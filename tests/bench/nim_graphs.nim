## Section B: programs that make trees, graphs and documents. Part of bench_nim.nim.

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

proc gaussDistances(): seq[int] =
  for i in 1 .. 65536: result.add(randomDistance())

template linkGauss(nodes: seq[Node], i: int, distances: seq[int], next, linked: var int) =
  let first = distances[next and 65535]
  let second = distances[(next + 1) and 65535]
  next += 2
  if first != noLink and i + first >= 0 and i + first < 5000:
    nodes[i].a = nodes[i + first]
    inc linked
  if second != noLink and i + second >= 0 and i + second < 5000:
    nodes[i].b = nodes[i + second]
    inc linked

proc ggauss(size: int, distances: seq[int]): Done =
  let batches = (size + 4999) div 5000
  var next = 0
  for batch in 1 .. batches:
    var nodes = newSeq[Node](5000)
    for i in 0 ..< 5000: nodes[i] = Node()
    for i in 0 ..< 5000: linkGauss(nodes, i, distances, next, result.count)
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
