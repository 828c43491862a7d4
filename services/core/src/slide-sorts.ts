/** Orders of the list of slides; `-`: downwards. Slides without a grade come last in either order by it. */
export const slideSorts = ['added', '-added', 'name', '-name', 'grade', '-grade'] as const;
export type SlideSort = (typeof slideSorts)[number];
