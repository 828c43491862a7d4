import type { SlideDetail } from '@stroma/core/http/slide';
import { useEffect, useRef } from 'react';
import { CropGallery, type GalleryProps } from './crop-gallery.tsx';
import type { Mark } from './mark-layer.tsx';
import { SimilarCrops } from './similar-crops.tsx';
import { useSimilarSearch } from './similar-search.ts';
import { SimilarStart } from './similar-start.tsx';
import type { SlideStage } from './slide-stage.ts';

interface Props extends GalleryProps {
  slide: Pick<SlideDetail, 'id' | 'name'>;
  stage: SlideStage | null;
  onGo: (crop: Mark) => void;
}

/** The crops that weigh most in the grade and those that weigh least; above them, crops similar to one of them. */
export function CropsTab(props: Props) {
  const { slide, stage, onGo, ...gallery } = props;
  const { jobId, heat, onPoint } = gallery;
  const search = useSimilarSearch();
  const found = useRef<HTMLDivElement>(null);
  const asked = useRef(search?.of);
  useEffect(() => {
    // Asked for further down: what is found comes into view.
    if (search && search.of !== asked.current) found.current?.scrollIntoView({ block: 'start' });
    asked.current = search?.of;
  }, [search]);
  return (
    <>
      <div ref={found}>
        {search && <SimilarCrops search={search} slideId={slide.id} onPoint={onPoint} onGo={onGo} />}
      </div>
      {heat.encoder && jobId !== null && (
        <SimilarStart slide={slide} stage={stage} jobId={jobId} encoder={heat.encoder} />
      )}
      <CropGallery {...gallery} />
    </>
  );
}
