import type { TissueMessage } from '@stroma/core/http/tissue';
import { type MaskClass, maskClasses } from '@stroma/core/mask-classes';
import { useEffect, useState } from 'react';

export const maskColour: Record<Exclude<MaskClass, 'glass'>, readonly [number, number, number]> = {
  tissue: [0, 190, 110],
  pen: [45, 95, 220],
  fold: [205, 50, 80],
  blurred: [230, 150, 30],
  dark: [70, 70, 75],
};

/** The mask in colours, glass clear; null until it is there. */
export function useMaskPicture(mask: TissueMessage | undefined): HTMLCanvasElement | null {
  const [picture, setPicture] = useState<HTMLCanvasElement | null>(null);
  const url = mask?.maskUrl;
  useEffect(() => {
    setPicture(null);
    if (!url) return;
    const image = new Image();
    let gone = false;
    image.onload = () => !gone && setPicture(coloured(image));
    image.src = url;
    return () => {
      gone = true;
    };
  }, [url]);
  return picture;
}

function coloured(image: HTMLImageElement): HTMLCanvasElement | null {
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return null;
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const name = maskClasses[pixels.data[at] ?? 0];
    if (!name || name === 'glass') pixels.data[at + 3] = 0;
    else pixels.data.set([...maskColour[name], 255], at);
  }
  pen.putImageData(pixels, 0, 0);
  return canvas;
}
