import { cropCode } from '@stroma/core/contract/crop-recipe';
import type { PixelSpacing } from '@stroma/core/units';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { StoredMask, TissueAnswer, TissueRequest } from './messages.ts';
import type { TissueProcess } from './tissue-process.ts';

export interface MaskedSlide {
  /** Key of its file, and the hash of its bytes. */
  objectKey: string;
  sha256: string;
  name: string;
  spacing0: PixelSpacing | null;
}

export interface FoundTissue {
  mask: StoredMask;
  /** Names the mask: same slide, same scale, same code. */
  key: string;
  /** Undefined when no crops were asked about. */
  grid: TissueAnswer['grid'];
}

/**
 * Masks by slide, scale and code, kept in the object store. The description is put last: where it is, the picture is
 * there too.
 */
export function createMasks(store: ObjectStore, tissue: TissueProcess) {
  async function stored(key: string): Promise<StoredMask | undefined> {
    if ((await store.size(`${key}.json`)) === undefined) return undefined;
    const [png, text] = await Promise.all([store.get(`${key}.png`), store.get(`${key}.json`)]);
    return { png, ...(JSON.parse(text.toString()) as Omit<StoredMask, 'png'>) };
  }

  return {
    async of(slide: MaskedSlide, crops?: TissueRequest['crops']): Promise<FoundTissue> {
      const key = maskKey(slide);
      const known = await stored(key);
      if (known && !crops) return { mask: known, key, grid: undefined };
      const { name, spacing0 } = slide;
      const path = store.localPath(slide.objectKey);
      const { mask = known, grid } = await tissue.ask({ path, name, spacing0, mask: known, crops });
      if (!mask) throw new Error('the tissue process answered without a mask');
      if (!known) {
        const { png, ...description } = mask;
        await store.put(`${key}.png`, png);
        await store.put(`${key}.json`, Buffer.from(JSON.stringify(description)));
      }
      return { mask, key, grid };
    },
  };
}

export type Masks = ReturnType<typeof createMasks>;

function maskKey({ sha256, spacing0 }: MaskedSlide): string {
  return `masks/${sha256}/${cropCode}-${spacing0 ? spacing0.x.toPrecision(6) : 'unscaled'}`;
}
