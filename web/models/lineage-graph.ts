import type { Lineage, LineageNode } from '@stroma/core/http/model';

export interface PlacedNode {
  node: LineageNode;
  column: number;
  row: number;
}

/** Columns by the longest way from the result, which stands on the left; the seed on the right. */
export function placeLineage({ nodes, edges }: Lineage): { placed: PlacedNode[]; edges: [PlacedNode, PlacedNode][] } {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const into = (id: string) => edges.filter(([from, to]) => to === id && known.has(from)).map(([from]) => from);
  const columns = new Map<string, number>();
  const columnOf = (id: string): number => {
    const found = columns.get(id);
    if (found !== undefined) return found;
    // Set first, so that a ring, which no lineage has, would end too.
    columns.set(id, 0);
    const column = Math.max(-1, ...into(id).map(columnOf)) + 1;
    columns.set(id, column);
    return column;
  };
  const rows = new Map<number, number>();
  const placed = new Map(
    nodes.map((node) => {
      const column = columnOf(node.id);
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return [node.id, { node, column, row }];
    }),
  );
  const drawn = edges.flatMap(([from, to]): [PlacedNode, PlacedNode][] => {
    const [a, b] = [placed.get(from), placed.get(to)];
    return a && b ? [[a, b]] : [];
  });
  return { placed: [...placed.values()], edges: drawn };
}
