import { Button, FileButton, Text } from '@mantine/core';
import { useEffect } from 'react';
import { ChosenFile } from './ChosenFile.tsx';
import { FileBox } from './FileBox.tsx';
import { ImagePreview } from './ImagePreview.tsx';
import type { UploadFieldProps } from './uploadFields.ts';

const kinds = 'image/png,image/jpeg,image/webp,image/gif,image/avif';

/** An image: chosen, dropped or pasted. */
export function ImageField({ label, file, onFile, fault }: UploadFieldProps) {
  useEffect(() => {
    // wherever the cursor is: a paste of an image can mean nothing else here
    const paste = (event: ClipboardEvent) => {
      const image = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (image) onFile(image);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [onFile]);

  return (
    <FileBox label={label} fault={fault} onFile={onFile}>
      {file ? (
        <>
          <ImagePreview file={file} />
          <ChosenFile file={file} kinds={kinds} onFile={onFile} />
        </>
      ) : (
        <>
          <FileButton onChange={(chosen) => chosen && onFile(chosen)} accept={kinds}>
            {(props) => (
              <Button {...props} variant="default" size="sm">
                Choose an image
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed" ta="center">
            or drop or paste one: PNG, JPEG, WebP, GIF, AVIF
          </Text>
        </>
      )}
    </FileBox>
  );
}
