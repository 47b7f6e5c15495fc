import { type DragEvent, useState } from 'react';

/** Makes an element take a dropped file: the props that it needs, and whether one is over it now. */
export function useFileDrop(onFile: (file: File) => void) {
  const [over, setOver] = useState(false);
  const dropProps = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      // the pointer crossing a child is no leaving
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      const file = event.dataTransfer.files[0];
      if (!file) return;
      event.preventDefault();
      onFile(file);
    },
  };
  return { over, dropProps };
}
