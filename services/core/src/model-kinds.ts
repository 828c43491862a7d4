/** A run's checkpoints together: an encoder, an E-LDM, or the slide models of all folds of one ABMIL training. */
export const modelKinds = ['encoder', 'eldm', 'abmil'] as const;
export type ModelKind = (typeof modelKinds)[number];
