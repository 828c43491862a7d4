import { ScaleReport, ScaleRequest } from '@stroma/core/http/scale';
import { audit } from '@stroma/db/accounts';
import { chooseScale, scaleReport } from '@stroma/db/slide-scales';
import type { Api } from '../api.ts';

const config = { rule: 'signed-in' } as const;
/** 100,000 ids of 39 bytes each. */
const bodyLimit = 8_000_000;
const schema = { body: ScaleRequest, response: { 200: ScaleReport } };

/** The scale of many slides at once. */
export async function slideScales(app: Api): Promise<void> {
  const { db } = app.connection;

  app.post('/api/slide-scales/report', { config, bodyLimit, schema }, async ({ body }) => {
    return await scaleReport(db, body.slideIds, body.scale);
  });

  app.post('/api/slide-scales', { config, bodyLimit, schema }, async ({ body, user }) => {
    return await db.transaction().execute(async (tx) => {
      const report = await chooseScale(tx, body.slideIds, body.scale);
      const detail = { ...body, ...report };
      await audit(tx, { userId: user.id, action: 'slide.scale-chosen', subject: 'slides', detail });
      return report;
    });
  });
}
