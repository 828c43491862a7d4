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
};

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
            {groupsOf(pictures).map((group) => (
              <PictureStrip
                key={group[0]?.name}
                title={words[group[0]?.name ?? 'views'].title}
                runId={runId}
                pictures={group}
              />
            ))}
          </div>
        );
      }}
    </Answer>
  );
}

/** By what they show; each in the order of its steps. */
function groupsOf(pictures: RunPicture[]): RunPicture[][] {
  const names = [...new Set(pictures.map((one) => one.name))].sort((a, b) => words[a].order - words[b].order);
  return names.map((name) => pictures.filter((one) => one.name === name));
}
