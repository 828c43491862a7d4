'use client';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { SlideDetail } from '@stroma/core/http/slide';
import { selectionLabel } from '@stroma/core/selection-label';
import { useEffect, useRef, useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { freshPen } from '../parts/fresh-pen.ts';
import { Link } from '../parts/link.tsx';
import { type CropDraft, CropFields, firstDraft } from './crop-fields.tsx';
import classes from './crops.module.css';
import { drawTissue, type TissuePicture } from './draw-tissue.ts';
import { MaskLegend } from './mask-legend.tsx';
import { PreviewWords } from './preview-words.tsx';
import { useCropPreview } from './use-crop-preview.ts';

interface Props {
  slideId: string;
  selection: CropSelection;
  mpp?: number | undefined;
}

/** Tissue mask and grid on one slide's thumbnail, and how many crops they come to, before anything is cut. */
export function MemberPreview(props: Props) {
  const slide = useJson<SlideDetail>(`/api/slides/${props.slideId}`);
  return (
    <Answer of={slide} what="the slide">
      {(data) => <Preview key={data.id} slide={data} {...props} />}
    </Answer>
  );
}

function Preview({ slide, selection, mpp }: Props & { slide: SlideDetail }) {
  const [draft, setDraft] = useState<CropDraft>({ ...firstDraft, mpp: mpp ?? firstDraft.mpp });
  const { mask, grid, maskPicture } = useCropPreview(slide.id, draft, selection, true);
  return (
    <div className={classes.preview}>
      <div className={classes.picture} style={{ aspectRatio: `${slide.width0} / ${slide.height0}` }}>
        {/* biome-ignore lint/performance/noImgElement: the server makes the size that is shown */}
        <img src={`/api/slides/${slide.id}/thumbnail`} alt={`Overview of ${slide.name}`} />
        <Overlay slide={slide} tissue={{ mask: maskPicture, grid: grid.data ?? null, opacity: 0.35 }} />
      </div>
      <div>
        <CropFields draft={draft} onChange={setDraft} />
        {slide.mpp === null ? (
          <p className="soft">{slide.scale.reason} Crops cannot be laid out before its scale is set.</p>
        ) : (
          <PreviewWords mask={mask} grid={grid} />
        )}
        {mask.data && <MaskLegend mask={mask.data} />}
        <p className="soft">
          Solid squares are kept by {selectionLabel(selection)}, as far as the mask can tell; dashed ones are cut and
          not used. <Link href={`/slides/${slide.id}`}>Open the slide</Link>
        </p>
      </div>
    </div>
  );
}

function Overlay({ slide, tissue: { mask, grid, opacity } }: { slide: SlideDetail; tissue: TissuePicture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const fresh = freshPen(element);
    if (!element || !fresh) return;
    const { pen, width, height } = fresh;
    const onScreen = (x0: number, y0: number) => {
      return { x: (x0 / slide.width0) * width, y: (y0 / slide.height0) * height };
    };
    const drawn = drawTissue(pen, { mask, grid, opacity }, onScreen, { width, height });
    element.dataset.crops = String(drawn);
  }, [slide, mask, grid, opacity]);
  return <canvas ref={canvas} data-testid="member-overlay" />;
}
