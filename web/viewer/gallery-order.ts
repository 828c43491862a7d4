import type { AddressPart } from './view-address.ts';

/** What the gallery of crops is sorted by. */
export type GalleryOrder = 'attention' | 'evidence';

export const galleryAddress = (order: GalleryOrder): AddressPart => ({ crops: order === 'attention' ? null : order });

export const readGallery = (query: { get(name: string): string | null }): GalleryOrder =>
  query.get('crops') === 'evidence' ? 'evidence' : 'attention';
