import { Type } from 'typebox';

export const ProblemMessage = Type.Object({
  code: Type.String(),
  message: Type.String(),
  expected: Type.Optional(Type.String()),
  found: Type.Optional(Type.String()),
  where: Type.Optional(Type.String()),
  remedy: Type.Optional(Type.String()),
});

/** ISO 8601. */
export const Time = Type.String();
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const encoders = ['dino', 'gen_dino'] as const;
export const EncoderName = Type.Union([Type.Literal('dino'), Type.Literal('gen_dino')]);
export const encoderLabel = { dino: 'DINO', gen_dino: 'Gen-DINO' } as const;
