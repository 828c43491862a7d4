import { type Static, Type } from 'typebox';
import { Nullable, Time } from './common.ts';

/** GET /api/me */
export const Me = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role: Type.Union([Type.Literal('admin'), Type.Literal('member')]),
});
export type Me = Static<typeof Me>;

/** POST /api/tokens, GET /api/tokens, DELETE /api/tokens/:id */
export const TokenRequest = Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }) });
export const TokenMessage = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  createdAt: Time,
  lastUsedAt: Nullable(Time),
});
export type TokenMessage = Static<typeof TokenMessage>;
/** The token is shown once, here. */
export const TokenAnswer = Type.Object({ ...TokenMessage.properties, token: Type.String() });
export type TokenAnswer = Static<typeof TokenAnswer>;
export const TokenList = Type.Object({ tokens: Type.Array(TokenMessage) });
