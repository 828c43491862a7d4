/** The page of a walk: the address holds the pair, so that it can be sent on. */
export const walkAddress = (jobId: number, primaryCropId: string, secondaryCropId: string) =>
  `/walk?${new URLSearchParams({ job: String(jobId), primary: primaryCropId, secondary: secondaryCropId })}`;
