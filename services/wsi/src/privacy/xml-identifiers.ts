import type { Identifier, OnDownload } from './identifier.ts';

export type XmlVendor = 'ome' | 'philips' | 'leica' | 'ventana' | 'mirax';

/**
 * Names of XML attributes and elements, and of Philips' and MIRAX's keys, that hold identifiers. A name is the end of
 * `Element/Element@attribute`; Philips' `Attribute` elements go by their Name.
 */
const rows: Record<
  XmlVendor,
  { format: string; source: string; onDownload: OnDownload; names: [path: string, name: string][] }
> = {
  ome: {
    format: 'OME-XML',
    source: 'OME schema 2016-06',
    onDownload: 'removed',
    names: [
      ['Experimenter@UserName', 'Experimenter’s user name'],
      ['Experimenter@FirstName', 'Experimenter’s first name'],
      ['Experimenter@LastName', 'Experimenter’s last name'],
      ['Experimenter@Email', 'Experimenter’s e-mail'],
      ['Experimenter@Institution', 'Experimenter’s institution'],
      ['ExperimenterGroup@Name', 'Group of experimenters'],
      ['Image@Name', 'Image name'],
      ['Image/Description', 'Image description'],
      ['Image/AcquisitionDate', 'Acquisition date'],
      ['Project@Name', 'Project name'],
      ['Dataset@Name', 'Data set name'],
      ['@SerialNumber', 'Serial number of an instrument'],
      ['UUID@FileName', 'File name'],
      ['@UUID', 'Unique ID of the file'],
      ['CommentAnnotation/Value', 'Comments'],
      ['OriginalMetadata/Value', 'The scanner’s own metadata'],
    ],
  },
  philips: {
    format: 'Philips XML',
    source: 'Philips IntelliSite TIFF; OpenSlide philips.* properties',
    onDownload: 'removed',
    names: [
      ['PIM_DP_UFS_BARCODE', 'Barcode'],
      ['PIIM_DP_SCANNER_OPERATOR_ID', 'Operator'],
      ['PIIM_DP_SCANNER_RACK_NUMBER', 'Rack'],
      ['PIIM_DP_SCANNER_SLOT_NUMBER', 'Slot'],
      ['DICOM_ACQUISITION_DATETIME', 'Time of acquisition'],
      ['DICOM_DATE_OF_LAST_CALIBRATION', 'Date of the last calibration'],
      ['DICOM_TIME_OF_LAST_CALIBRATION', 'Time of the last calibration'],
      ['DICOM_DEVICE_SERIAL_NUMBER', 'Scanner’s serial number'],
      ['DICOM_PATIENT_NAME', 'Patient’s name'],
      ['DICOM_PATIENT_ID', 'Patient’s ID'],
      ['DICOM_ACCESSION_NUMBER', 'Accession number'],
      ['PIM_DP_IMAGE_DATA', 'Label and macro pictures inside the XML'],
    ],
  },
  leica: {
    format: 'Leica SCN',
    source: 'Leica SCN XML; OpenSlide leica.* properties',
    onDownload: 'removed',
    names: [
      ['barcode', 'Barcode'],
      ['creationDate', 'Creation date'],
      ['collection@name', 'Collection name'],
      ['collection@uuid', 'Unique ID of the collection'],
      ['image@name', 'Image name'],
      ['image@uuid', 'Unique ID of the image'],
      ['device@version', 'Scanner’s version'],
    ],
  },
  ventana: {
    format: 'Ventana XML',
    source: 'Ventana BIF white paper; OpenSlide ventana.* properties',
    onDownload: 'removed',
    names: [
      ['@BarCode1D', 'Barcode (1D)'],
      ['@BarCode2D', 'Barcode (2D)'],
      ['@UserName', 'User'],
      ['@UnitNumber', 'Scanner’s unit number'],
      ['@SlideID', 'Slide ID'],
      ['@SlideName', 'Slide name'],
      ['@CaseID', 'Case ID'],
      ['@BuildDate', 'Build date'],
      ['@ScanDate', 'Scan date'],
      ['@JP2FileName', 'File name'],
    ],
  },
  mirax: {
    format: 'MIRAX Slidedat.ini',
    source: 'MIRAX format notes of OpenSlide; mirax.* properties',
    onDownload: 'removed',
    names: [
      ['SLIDE_NAME', 'Slide name'],
      ['SLIDE_ID', 'Slide ID'],
      ['SLIDE_CREATIONDATETIME', 'Creation time'],
      ['SLIDE_UTC_CREATIONDATETIME', 'Creation time (UTC)'],
      ['PROJECT_NAME', 'Project name'],
      ['USER_NAME', 'User'],
      ['BARCODE', 'Barcode'],
      ['SCANNER_HARDWARE_ID', 'Scanner’s ID'],
    ],
  },
};

const kindOf = (vendor: string, path: string) =>
  `${vendor}.${path.replace(/\W+/g, '-').replace(/^-/, '').toLowerCase()}`;

/** The kind of a place in a vendor's text, whatever its letters' case; undefined when it identifies nobody. */
export function xmlKind(vendor: XmlVendor, path: string): string | undefined {
  const place = `/${path.toLowerCase()}`;
  const row = rows[vendor].names.find(([name]) => {
    const end = name.toLowerCase();
    return place.endsWith(end.startsWith('@') ? end : `/${end}`);
  });
  return row && kindOf(vendor, row[0]);
}

export const xmlIdentifiers: Identifier[] = Object.entries(rows).flatMap(([vendor, { names, ...row }]) =>
  names.map(([at, name]) => ({ kind: kindOf(vendor, at), name, at, ...row })),
);
