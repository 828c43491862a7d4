import type { FastifyInstance, FastifyPluginAsync } from 'fastify';

/**
 * Marks a plugin as shared with its siblings, under a name that others can depend on. These are the symbols that
 * Fastify itself reads when it boots.
 */
export function shared<Options extends object = Record<never, never>>(
  name: string,
  dependencies: readonly string[],
  plugin: (app: FastifyInstance, options: Options) => Promise<void>,
): FastifyPluginAsync<Options> {
  return Object.assign((app: FastifyInstance, options: Options) => plugin(app, options), {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
    [Symbol.for('plugin-meta')]: { name, dependencies },
  });
}
