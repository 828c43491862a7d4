/** Errors of runs whose numbers said that it is not worth going on; a person may go on in spite of them. */
export const alarms = ['alarm_uniform', 'alarm_collapse', 'data_starved'] as const;
/** The same as the Problem of a failed run. */
export const alarmProblems: readonly string[] = alarms.map((code) => `trainer.${code}`);
/** Empty file in the run directory that a person's wish leaves: alarms are told in the log and stop nothing. */
export const ignoreAlarmsFile = 'ignore_alarms';
