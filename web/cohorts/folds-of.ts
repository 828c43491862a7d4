import type { CohortDetail } from '@stroma/core/http/cohort';

export interface Fold {
  fold: number;
  slides: number;
  patients: { patientId: string; labels: (string | null)[] }[];
  byClass: [name: string, slides: number][];
}

/** A cohort's slides by fold and patient; patients in the order of their first label's class. */
export function foldsOf(cohort: Pick<CohortDetail, 'slides' | 'classes' | 'foldCount'>): Fold[] {
  const rank = (label: string | null | undefined) => (label ? cohort.classes.indexOf(label) : cohort.classes.length);
  return Array.from({ length: cohort.foldCount }, (_, fold) => {
    const slides = cohort.slides.filter((slide) => slide.fold === fold);
    const patients = new Map<string, (string | null)[]>();
    for (const slide of slides) patients.set(slide.patientId, [...(patients.get(slide.patientId) ?? []), slide.label]);
    return {
      fold,
      slides: slides.length,
      patients: [...patients]
        .map(([patientId, labels]) => ({ patientId, labels }))
        .sort((a, b) => rank(a.labels[0]) - rank(b.labels[0])),
      byClass: cohort.classes
        .map((name): [string, number] => [name, slides.filter((slide) => slide.label === name).length])
        .filter(([, count]) => count > 0),
    };
  });
}
