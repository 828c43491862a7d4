'use client';
import type { RunPictures as Pictures, RunPicture } from '@stroma/core/http/job';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { PictureStrip } from './picture-strip.tsx';
import classes from './pictures.module.css';

const words: Record<RunPicture['name'], { title: string; order: number }> = {
  samples: { title: 'Crops drawn by the E-LDM', order: 0 },
  attention: { title: 'Attention maps', order: 1 },
  views: { title: 'Views', order: 2 },
  walks: { title: 'Crops along alpha', order: 3 },
  closest: { title: 'Synthetic crops closest to a real one', order: 4 },
};
/** Phases of an evaluation that show one of its encoders. */
const encoders: Record<string, string> = { encoder: 'DINO', gen_encoder: 'Gen-DINO' };

/** What a training draws and sees, by epoch. A run that leaves no pictures shows nothing. */
export function RunPictures({ runId, running }: { runId: number; running: boolean }) {
  const answer = useJson<Pictures>(`/api/runs/${runId}/pictures`);
  return (
    <Answer of={answer} what="pictures">
      {({ pictures }) => {
        if (pictures.length === 0) {
          return running ? <p className="soft">No pictures yet: the first come with the first epoch.</p> : null;
        }
        return (
          <div className={classes.pictures}>
            {groupsOf(pictures).map(({ key, title, group }) => (
              <PictureStrip key={key} title={title} runId={runId} pictures={group} />
            ))}
          </div>
        );
      }}
    </Answer>
  );
}

/** By what they show, and of which encoder; each in the order of its steps. */
function groupsOf(pictures: RunPicture[]): { key: string; title: string; group: RunPicture[] }[] {
  const ofEncoder = ({ phase }: RunPicture) => encoders[phase] ?? '';
  const groups = new Map<string, RunPicture[]>();
  for (const one of pictures.toSorted((a, b) => words[a.name].order - words[b.name].order)) {
    const key = `${one.name} ${ofEncoder(one)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    if (!first) return [];
    const title = [words[first.name].title, ofEncoder(first)].filter(Boolean).join(', ');
    return [{ key, title, group }];
  });
}
