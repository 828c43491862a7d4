'use client';
import { Button, CopyButton } from '@mantine/core';
import type { ExportMessage, ExportSlides } from '@stroma/core/http/export';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { count, counted } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import classes from './exports.module.css';
import { needs, snippetOf } from './snippet.ts';

export type Exportable = Pick<ExportMessage, 'jobId' | 'encoder' | 'layout' | 'names' | 'fileName'>;
type Slide = ExportSlides['slides'][number];

const columns: Column<Slide>[] = [
  { title: 'File in the zip', wrap: true, cell: (slide) => <span className="mono">{slide.file}</span> },
  {
    title: 'Slide',
    wrap: true,
    cell: (slide) => <Link href={`/slides/${slide.slideId}`}>{slide.name}</Link>,
  },
  { title: 'Label', cell: (slide) => slide.label ?? <span className="soft">none</span> },
  { title: 'Crops', number: true, cell: (slide) => count(slide.crops) },
];
/** More are told by their number: the file itself lists them in dataset.csv. */
const shown = 500;

/** How to open an export in Python, and the slides that it holds. */
export function ExportContents({ of: { jobId, encoder, layout, names, fileName } }: { of: Exportable }) {
  const query = new URLSearchParams({ encoder, layout, names });
  const answer = useJson<ExportSlides>(`/api/jobs/${jobId}/export-slides?${query}`);
  const snippet = snippetOf(layout, fileName);
  return (
    <>
      <div className={classes.snippetHead}>
        <h3>Open it in Python</h3>
        <span className="soft">
          with <span className="mono">pip install {needs[layout]}</span>
        </span>
        <CopyButton value={snippet}>
          {({ copied, copy }) => (
            <Button variant="default" size="compact-xs" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <Scroll label="Python that opens the export" className={classes.scroll}>
        <pre className={classes.snippet} data-testid="export-snippet">
          {snippet}
        </pre>
      </Scroll>
      <Answer of={answer} what="slides of the export">
        {({ slides }) => (
          <>
            <h3>{counted(slides.length, 'slide')}</h3>
            <ListTable
              label="Slides of the export"
              columns={columns}
              rows={slides.slice(0, shown)}
              rowKey={(slide) => slide.slideId}
            />
            {slides.length > shown && (
              <p className="soft">and {count(slides.length - shown)} more, in the order of their crop sets</p>
            )}
          </>
        )}
      </Answer>
    </>
  );
}
