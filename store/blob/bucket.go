package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"dvala/fault"
	"dvala/study"
)

// Bucket is a bucket of an object store that speaks S3, or what lies in it
// below a prefix. Any number of processes may use it.
type Bucket struct {
	client *minio.Client
	bucket string
	prefix string
	place  string

	mu    sync.Mutex
	known map[string]int64 // seen to be there, with its length
}

// OpenBucket opens what an address names:
//
//	s3://bucket/prefix?endpoint=s3.example.org&region=eu-north-1
//
// Without an endpoint it is Amazon's; insecure=1 speaks HTTP, for a store on
// the same machine. Credentials come from AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, or from the role of the machine.
func OpenBucket(ctx context.Context, address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return nil, fault.New("blob-address", "blobs", "is not the address of a bucket").
			WithHint("write s3://bucket/prefix?endpoint=host:port, and the credentials into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	q := u.Query()
	endpoint := q.Get("endpoint")
	if endpoint == "" {
		endpoint = "s3.amazonaws.com"
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{},
		}),
		Secure: q.Get("insecure") != "1", Region: q.Get("region"),
	})
	if err != nil {
		return nil, fault.Wrap("blob-address", "blobs", err)
	}
	b := &Bucket{client: client, bucket: u.Host, prefix: strings.Trim(u.Path, "/"), known: map[string]int64{}}
	b.place = "s3://" + u.Host + "/" + b.prefix
	there, err := client.BucketExists(ctx, b.bucket)
	if err != nil {
		return nil, fault.Wrap("blob-store", b.place, err).WithHint("is the object store running, and are the credentials right?")
	}
	if !there {
		return nil, fault.New("blob-store", b.place, "there is no such bucket").WithHint("make it with the tools of the object store; give it to nobody else")
	}
	return b, nil
}

// Place names the bucket.
func (b *Bucket) Place() string { return b.place }

func (b *Bucket) key(sum string) string {
	if b.prefix == "" {
		return sum[:2] + "/" + sum
	}
	return b.prefix + "/" + sum[:2] + "/" + sum
}

// Put stores files, several at a time.
func (b *Bucket) Put(ctx context.Context, files []Blob) ([]study.File, error) {
	out := make([]study.File, len(files))
	var work errgroup.Group
	work.SetLimit(syncers)
	fresh := map[string]bool{}
	for i, f := range files {
		sum := sha256.Sum256(f.Bytes)
		name := hex.EncodeToString(sum[:])
		out[i] = study.File{SHA256: name, Bytes: int64(len(f.Bytes)), Name: f.Name}
		if fresh[name] || b.Has(ctx, name, out[i].Bytes) {
			continue
		}
		fresh[name] = true
		work.Go(func() error { return b.send(ctx, name, bytes.NewReader(f.Bytes), int64(len(f.Bytes))) })
	}
	return out, work.Wait()
}

// send writes an object. The store answers when it has it, and checks each part
// against the MD5 that is sent with it, which every such store knows; the name
// of the file is checked when it is read.
func (b *Bucket) send(ctx context.Context, sum string, r io.Reader, size int64) error {
	_, err := b.client.PutObject(ctx, b.bucket, b.key(sum), r, size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", SendContentMd5: true, DisableContentSha256: true, PartSize: 16 << 20,
	})
	if err != nil {
		return told("blob-write", b.place, err)
	}
	b.mu.Lock()
	b.known[sum] = size
	b.mu.Unlock()
	return nil
}

// PutFrom spools what is read to a passing file, since its name is its hash, and
// sends it in parts.
func (b *Bucket) PutFrom(ctx context.Context, name string, r io.Reader, max int64) (study.File, error) {
	f, err := os.CreateTemp("", "dvala-put-*")
	if err != nil {
		return study.File{}, fault.Wrap("blob-write", os.TempDir(), err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum, size, err := spool(f, reader{ctx, r}, max)
	if err != nil {
		return study.File{}, told("blob-write", os.TempDir(), err)
	}
	out := study.File{SHA256: sum, Bytes: size, Name: name}
	if b.Has(ctx, sum, size) {
		return out, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return study.File{}, fault.Wrap("blob-write", f.Name(), err)
	}
	return out, b.send(ctx, sum, f, size)
}

// Has asks once, and remembers what is there.
func (b *Bucket) Has(ctx context.Context, sum string, size int64) bool {
	b.mu.Lock()
	n, ok := b.known[sum]
	b.mu.Unlock()
	if ok {
		return n == size
	}
	if checkName(sum) != nil {
		return false
	}
	info, err := b.client.StatObject(ctx, b.bucket, b.key(sum), minio.StatObjectOptions{})
	if err != nil || info.Size != size {
		return false
	}
	b.mu.Lock()
	b.known[sum] = size
	b.mu.Unlock()
	return true
}

// Get reads a file and checks that it is what its name says.
func (b *Bucket) Get(ctx context.Context, sum string) ([]byte, error) {
	r, _, err := b.Open(ctx, sum, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, told("blob-read", sum, err)
	}
	return raw, nil
}

// Open streams a file, or a part of it.
func (b *Bucket) Open(ctx context.Context, sum string, from, n int64) (io.ReadCloser, int64, error) {
	if err := checkName(sum); err != nil {
		return nil, 0, err
	}
	info, err := b.client.StatObject(ctx, b.bucket, b.key(sum), minio.StatObjectOptions{})
	if err != nil {
		return nil, 0, b.reading(sum, err)
	}
	if n, err = checkRange(sum, from, n, info.Size); err != nil {
		return nil, 0, err
	}
	if n == 0 {
		return check(io.NopCloser(bytes.NewReader(nil)), sum, from, n, info.Size), info.Size, nil
	}
	var o minio.GetObjectOptions
	if n < info.Size {
		if err := o.SetRange(from, from+n-1); err != nil {
			return nil, 0, fault.Wrap("blob-read", sum, err)
		}
	}
	r, err := b.client.GetObject(ctx, b.bucket, b.key(sum), o)
	if err != nil {
		return nil, 0, b.reading(sum, err)
	}
	return check(r, sum, from, n, info.Size), info.Size, nil
}

func (b *Bucket) reading(sum string, err error) error {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && (answer.Code == "NoSuchKey" || answer.StatusCode == 404) {
		return missing(sum, b.place)
	}
	return fault.Wrap("blob-read", sum, err)
}

// Each calls a function with every file.
func (b *Bucket) Each(ctx context.Context, f func(sum string, size int64) error) error {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	ctx, stop := context.WithCancel(ctx) // ends the listing when f does
	defer stop()
	for o := range b.client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return fault.Wrap("blob-read", b.place, o.Err)
		}
		sum := o.Key[strings.LastIndexByte(o.Key, '/')+1:]
		if checkName(sum) != nil {
			continue
		}
		if err := f(sum, o.Size); err != nil {
			return err
		}
	}
	return nil
}
