/** The limit: Node's own HTTP server that answers the same addresses with the same bytes, and does nothing else. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [list] = process.argv.slice(2);
if (!list) throw new Error('name the list of bodies');
const bodies = new Map<string | undefined, Buffer>();
for (const { address, file } of JSON.parse(readFileSync(list, 'utf8')) as { address: string; file: string }[]) {
  bodies.set(address, readFileSync(file));
}

const server = createServer((request, response) => {
  const body = bodies.get(request.url);
  if (!body) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': body.length }).end(body);
});
// Fastify's, so that both keep a connection as long.
server.keepAliveTimeout = 72_000;
server.listen(0, '127.0.0.1', () => console.log(`bare at http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.stdin.resume().on('end', () => process.exit(0));
