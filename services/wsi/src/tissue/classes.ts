/** What a px of the mask is. The numbers are stored. */
export const tissueClass = {
  glass: 0,
  tissue: 1,
  pen: 2,
  /** Tissue that lies double: dark, in both stains. */
  fold: 3,
  /** Tissue without structure at the mask's scale: far out of focus. */
  blurred: 4,
  /** Black at the slide's rim: the cover slip's edge, the holder, what was not scanned. */
  dark: 5,
} as const;
export type TissueClass = keyof typeof tissueClass;
export const tissueClasses = Object.keys(tissueClass) as TissueClass[];
