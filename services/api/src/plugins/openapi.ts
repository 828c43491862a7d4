import swagger from '@fastify/swagger';
import { shared } from '../plugin.ts';

export const openapi = shared<{ codeRevision: string }>('openapi', ['access'], async (app, { codeRevision }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Stroma', version: codeRevision, description: 'Slides, cohorts, training jobs and embeddings.' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token: strm_…' },
          session: { type: 'apiKey', in: 'cookie', name: 'stroma.session_token' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
  });
  app.get('/api/openapi.json', { config: { rule: 'signed-in' }, schema: { hide: true } }, async () => app.swagger());
});
