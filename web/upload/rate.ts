const spanMs = 4000;

/** Bytes a second over the last four seconds. */
export function rateMeter() {
  const points: [at: number, bytes: number][] = [];
  return (bytes: number, now = performance.now()): number => {
    points.push([now, bytes]);
    while (points.length > 2 && now - (points[0]?.[0] ?? now) > spanMs) points.shift();
    const first = points[0];
    if (!first || now - first[0] < 200) return 0;
    return ((bytes - first[1]) / (now - first[0])) * 1000;
  };
}
