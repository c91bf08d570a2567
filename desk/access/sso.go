package access

// Provider is the staff's identity provider.
type Provider struct{}
