import type { ExportMessage } from '@stroma/core/http/export';

export const layoutWord: Record<ExportMessage['layout'], string> = {
  parquet: 'Parquet',
  clam: 'CLAM (HDF5)',
  scores: 'scores of crops',
};

export const layoutMeaning: Record<ExportMessage['layout'], string> = {
  parquet: 'one Parquet a slide: crop places and float16 embeddings',
  scores: 'one Parquet a slide: what the heat map shows, attention and evidence of every crop',
  clam: 'patches/ and h5_files/ a slide and dataset.csv, as CLAM reads them',
};
