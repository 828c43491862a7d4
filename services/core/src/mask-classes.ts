/** Values of the mask's px, in the order of their numbers. */
export const maskClasses = ['glass', 'tissue', 'pen', 'fold', 'blurred', 'dark'] as const;
export type MaskClass = (typeof maskClasses)[number];
