## Section B: whole programs. Part of bench_nim.nim; trees and graphs are in nim_graphs.nim.

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
