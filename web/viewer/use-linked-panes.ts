import { useCallback, useEffect, useRef, useState } from 'react';
import { follow, inverse, linkOf, linkText, type PaneLink, readLink, type Scale } from './pane-link.ts';
import type { Place } from './place.ts';
import type { SlideStage } from './slide-stage.ts';
import { type AddressPart, readPlace, writePlace } from './view-address.ts';

export interface Pane {
  stage: SlideStage | null;
  scale: Scale;
}

export interface LinkedPanes {
  /** Null: each pane moves by itself. */
  link: PaneLink | null;
  toggle: () => void;
  /** Forgets the shift. */
  align: () => void;
  /** The pane that a person moved last: keys go to it. */
  active: SlideStage | null;
  address: AddressPart;
}

/** Two panes that move as one, whichever of them is moved. Unlinked, brought elsewhere and linked again, they keep that shift. */
export function useLinkedPanes(first: Pane, second: Pane, query: { get(name: string): string | null }): LinkedPanes {
  const [start] = useState(() => readPlace(query.get('free')));
  const [link, setLink] = useState<PaneLink | null>(() => (start ? null : readLink(query.get('shift'))));
  const [leads, setLeads] = useState<'first' | 'second'>('first');
  const [free, setFree] = useState<Required<Place> | null>(start);
  const a = first.stage;
  const b = second.stage;
  const scales = useRef({ first: first.scale, second: second.scale });
  scales.current = { first: first.scale, second: second.scale };

  // A pane leads once a person touches it.
  useEffect(() => {
    if (!a || !b) return setLeads('first');
    const lead = { first: () => setLeads('first'), second: () => setLeads('second') };
    const events = ['pointerdown', 'wheel', 'focusin'] as const;
    // Known from here on: a viewer that is closed has no element.
    const elements = { first: a.viewer.element, second: b.viewer.element };
    for (const event of events) {
      elements.first.addEventListener(event, lead.first, true);
      elements.second.addEventListener(event, lead.second, true);
    }
    return () => {
      for (const event of events) {
        elements.first.removeEventListener(event, lead.first, true);
        elements.second.removeEventListener(event, lead.second, true);
      }
    };
  }, [a, b]);

  useEffect(() => {
    if (!a || !b || !link) return;
    const { first: from, second: to } = scales.current;
    const move =
      leads === 'first'
        ? () => b.jumpTo(follow(a.place(), from, to, link))
        : () => a.jumpTo(follow(b.place(), to, from, inverse(link)));
    move();
    return (leads === 'first' ? a : b).onChange(move);
  }, [a, b, link, leads]);

  // The second pane's own place goes into the address while it is free.
  useEffect(() => {
    if (!b || link) return setFree(null);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setFree(b.place()), 200);
    };
    tell();
    const stop = b.onChange(tell);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [b, link]);

  const toggle = useCallback(() => {
    if (link) return setLink(null);
    if (a && b) setLink(linkOf(a.place(), scales.current.first, b.place(), scales.current.second));
  }, [a, b, link]);
  const align = useCallback(() => setLink({ x: 0, y: 0, turn: 0 }), []);

  return {
    link,
    toggle,
    align,
    active: leads === 'second' && b ? b : a,
    address: b ? { shift: link && linkText(link), free: !link && free ? writePlace(free) : null } : {},
  };
}
