package deltalog

import "crypto/sha256"

// fileKey identifies a logical file, which is a data file with a deletion vector.
type fileKey [16]byte

func keyOf(path string, dv *DeletionVector) fileKey {
	if decoded, err := DecodePath(path); err == nil {
		path = decoded // writers escape differently
	}
	sum := sha256.Sum256([]byte(path + "\x00" + dv.ID()))
	return fileKey(sum[:])
}

// fileSet is the logical files of which a newer action than those to come is known.
type fileSet map[fileKey]struct{}

// take reports whether a logical file was not in the set, and adds it.
func (s fileSet) take(path string, dv *DeletionVector) bool {
	k := keyOf(path, dv)
	if _, seen := s[k]; seen {
		return false
	}
	s[k] = struct{}{}
	return true
}

func (s fileSet) has(path string, dv *DeletionVector) bool {
	_, ok := s[keyOf(path, dv)]
	return ok
}
