import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';
import { SpacingMessage } from './scale.ts';

/** GET /api/slides/:id/same-patient: other slides that a cohort names as the same patient's, by name. */
export const SamePatientList = Type.Object({
  slides: Type.Array(
    Type.Object({
      slideId: Type.String(),
      name: Type.String(),
      mpp: Nullable(SpacingMessage),
      /** As the cohort names the patient; one of the cohorts, where several do. */
      patientId: Type.String(),
      cohortName: Type.String(),
    }),
  ),
});
export type SamePatientList = Static<typeof SamePatientList>;
