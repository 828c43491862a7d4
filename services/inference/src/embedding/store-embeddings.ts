import { recipeText } from '@stroma/core/contract/crop-recipe';
import { selectionText } from '@stroma/core/crop-numbers';
import type { UsedCropSet } from '@stroma/db/cohort-crops';
import { addEmbeddingSet } from '@stroma/db/embedding-sets';
import type { Lease } from '@stroma/db/runs';
import { embedSlide, type SlideEmbedder } from './embed-slide.ts';
import { embeddingFile } from './embedding-file.ts';

/** Embeds one slide's selected crops for a run and keeps them. Answers the key of their file. */
export async function storeEmbeddings(
  embedder: SlideEmbedder,
  set: UsedCropSet,
  lease: Lease,
  { checkpointId, codeRevision }: { checkpointId: number; codeRevision: string },
): Promise<string> {
  const { connection, store, encoder, card } = embedder;
  const { slideId, size0X, size0Y, mpp } = set;
  const dim = card.embedding_dim;
  const file = embeddingFile({ slideId, size0X, size0Y, mpp, dim }, embedSlide(embedder, set), {
    encoder_sha256: encoder.encoderSha256,
    ...(encoder.eightBits && { arithmetic: 'int8' }),
    crop_set_recipe: recipeText(set.recipe),
    crop_selection: selectionText(set.selection),
    slide_sha256: set.slideSha256,
    code_revision: codeRevision,
  });
  // The file first, its row second: a row always names a whole file.
  const { key, sha256 } = await store.put(`embeddings/${lease.runId}/${slideId}.arrow`, file);
  const { cropSetId, cropCount } = set;
  await addEmbeddingSet(connection.db, lease, {
    cropSetId,
    slideId,
    checkpointId,
    dim,
    cropCount,
    objectKey: key,
    sha256,
  });
  return key;
}
